using JasperFx;
using Marten;
using Npgsql;

namespace EventFeatures.Views.FeatureViews.Storage;

/// <summary>The Marten store that holds the online views' documents and the checkpoints.</summary>
internal static class OnlineStore
{
    /// <summary>The table that Marten makes for <see cref="OnlineEntity"/>.</summary>
    public const string EntityTable = "mt_doc_online_entity";

    /// <summary>The table that Marten makes for <see cref="ViewCheckpoint"/>.</summary>
    public const string CheckpointTable = "mt_doc_view_checkpoint";

    /// <param name="database">The database.</param>
    /// <param name="schema">Their schema.</param>
    /// <param name="makes">Whether tables that are missing are made.</param>
    public static DocumentStore Open(NpgsqlDataSource database, string schema, bool makes) => DocumentStore.For(options =>
    {
        options.Connection(database);
        options.DatabaseSchemaName = schema;
        options.AutoCreateSchemaObjects = makes ? AutoCreate.CreateOrUpdate : AutoCreate.None;
        options.DisableNpgsqlLogging = true;
        options.UseSystemTextJsonForSerialization();
        options.Policies.DisableInformationalFields();
        // One tenant a view's version: its documents lie together, and go together when it is rebuilt.
        options.Schema.For<OnlineEntity>().DocumentAlias("online_entity").MultiTenanted();
        options.Schema.For<ViewCheckpoint>().DocumentAlias("view_checkpoint");
    });
}
