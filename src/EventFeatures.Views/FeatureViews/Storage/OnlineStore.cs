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

    public static DocumentStore Open(NpgsqlDataSource database, string schema) => DocumentStore.For(options =>
    {
        options.Connection(database);
        options.DatabaseSchemaName = schema;
        options.AutoCreateSchemaObjects = AutoCreate.CreateOrUpdate;
        options.DisableNpgsqlLogging = true;
        options.UseSystemTextJsonForSerialization();
        options.Policies.DisableInformationalFields();
        // One tenant a view's version: its documents lie together, and go together when it is rebuilt.
        options.Schema.For<OnlineEntity>().DocumentAlias("online_entity").MultiTenanted();
        options.Schema.For<ViewCheckpoint>().DocumentAlias("view_checkpoint");
    });
}
