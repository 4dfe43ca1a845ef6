namespace EventFeatures.Server.PostgresCluster;

/// <summary>A PostgreSQL cluster of our own, in a folder of our own.</summary>
public sealed record PrivateClusterOptions
{
    /// <summary>The cluster's folder; made when missing. Belongs to the cluster alone.</summary>
    public required string Folder { get; init; }

    /// <summary>
    /// The longest wait for the server to accept connections; one that ends is noticed at once. Default: 10 min, since
    /// recovery after a crash may have 8 GB of WAL to read.
    /// </summary>
    public TimeSpan StartMax { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>PostgreSQL's <c>shared_buffers</c>, in MiB. Default: 512.</summary>
    public int SharedBuffersMegabytes { get; init; } = 512;

    /// <summary>The most connections. Default: 200.</summary>
    public int ConnectionsMax { get; init; } = 200;

    /// <summary>
    /// Whether the server runs in a terminal session of its own, so that Ctrl-C does not reach it. Default: false, since
    /// whoever signals a process group means the database as well.
    /// </summary>
    public bool OwnSession { get; init; }

    /// <summary>
    /// Whether a server that ends by itself, killed or out of disk, is started again, a second later and then at pauses
    /// that grow to 30 s. Default: false.
    /// </summary>
    public bool KeepRunning { get; init; }

    /// <summary>The least free disk space with which a cluster is made or started, in MiB. Default: 256.</summary>
    public int FreeDiskMegabytesMin { get; init; } = 256;
}

/// <summary>The cluster could not be started. The message says why and what to do.</summary>
public sealed class PrivateClusterException(string message, Exception? inner = null) : Exception(message, inner);
