using Npgsql;

namespace EventFeatures.Log.EmbeddedNode.Storage;

/// <summary>How the node's kinds of PostgreSQL sessions are set up.</summary>
internal static class NodeConnections
{
    // The planner must never answer a head look-up or a page by scanning the table, nor read all of a stream to sort it,
    // whatever it believes of a table that has grown since the plan was made. So one plan serves all parameters, and making
    // it anew would take longer than most statements: it goes through each part of the log.
    private const string IndexScansOnly =
        "-c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c enable_material=off -c enable_sort=off -c max_parallel_workers_per_gather=0 -c plan_cache_mode=force_generic_plan -c jit=off";

    /// <summary>
    /// A scavenge's: what it copies counts only once its table is put in place, and that commit is synchronous.
    /// </summary>
    public const string Scavenging =
        "-c synchronous_commit=off -c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c enable_material=off -c jit=off";

    /// <summary>
    /// The writer's: never pooled, so that closing it frees the lock. Commits are synchronous here even where
    /// the server's default is otherwise.
    /// </summary>
    public static NpgsqlDataSource ForWriter(EmbeddedNodeOptions options, string applicationName) =>
        Build(options, "-c synchronous_commit=on -c idle_in_transaction_session_timeout=0", builder =>
        {
            builder.Pooling = false;
            builder.ApplicationName = applicationName;
            builder.WriteBufferSize = 128 * 1024;
            // Or as much as the system allows: the rows of most appends fit, so that sending them does not wait for PostgreSQL
            // to take the first of them. Over TCP the system finds its own size.
            if (builder.Host is ['/', ..]) builder.SocketSendBufferSize = 1024 * 1024;
        });

    /// <summary>For what the writer looks up before it commits: a pool of its own, since appends must not wait for readers.</summary>
    public static NpgsqlDataSource ForLookUps(EmbeddedNodeOptions options) =>
        Build(options, IndexScansOnly, builder =>
        {
            Pool(builder, connectionsMax: 2);
            builder.ApplicationName = "eventfeatures-log-lookup";
        });

    /// <summary>The readers': pooled and bounded.</summary>
    public static NpgsqlDataSource ForReaders(EmbeddedNodeOptions options) =>
        Build(options, IndexScansOnly, builder =>
        {
            Pool(builder, connectionsMax: 16);
            // Also how long a read waits for a free connection while many catch up at once.
            builder.Timeout = 15;
            builder.ApplicationName = "eventfeatures-log-reader";
            builder.ReadBufferSize = 128 * 1024;
            builder.MaxAutoPrepare = 32;
            builder.AutoPrepareMinUsages = 2;
        });

    private static void Pool(NpgsqlConnectionStringBuilder builder, int connectionsMax)
    {
        builder.Pooling = true;
        builder.MaxPoolSize = connectionsMax;
        builder.MinPoolSize = 1;
        // None of them changes its session, so that none has to be put back.
        builder.NoResetOnClose = true;
    }

    private static NpgsqlDataSource Build(EmbeddedNodeOptions options, string settings, Action<NpgsqlConnectionStringBuilder> configure)
    {
        var builder = new NpgsqlConnectionStringBuilder(options.Postgres)
        {
            Timeout = 5,
            CommandTimeout = 30,
            CancellationTimeout = 1000,
            KeepAlive = 0,
            TcpKeepAlive = true,
            Enlist = false,
        };
        builder.Options = string.IsNullOrEmpty(builder.Options) ? settings : builder.Options + " " + settings;
        configure(builder);
        var source = new NpgsqlDataSourceBuilder(builder.ConnectionString);
        source.UseLoggerFactory(null);
        return source.Build();
    }
}
