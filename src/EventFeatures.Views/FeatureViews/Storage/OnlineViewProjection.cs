using System.Text.Json;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Folding;
using JasperFx.Events;
using Marten;
using Marten.Events.Projections;

namespace EventFeatures.Views.FeatureViews.Storage;

/// <summary>An entity's coalesced change, as the projection is given it.</summary>
/// <param name="Image">The entity's state after all events of the batch.</param>
internal sealed record EntityChanged(EntityImage Image);

/// <summary>
/// The Marten projection of a view: changed entities become documents, within the caller's transaction. All of a
/// batch go in one statement, which is about twice as fast as storing them one by one.
/// </summary>
internal sealed class OnlineViewProjection(FeatureView view, string schema) : IProjection
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.General);

    private readonly string _upsert =
        $"""
        insert into {PostgresText.Identifier(schema)}.{OnlineStore.EntityTable} (tenant_id, id, data)
        select ^, changed.id, changed.data::jsonb from unnest(^::text[], ^::text[]) as changed (id, data)
        on conflict (tenant_id, id) do update set data = excluded.data
        """;

    public Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken cancellation)
    {
        if (events.Count == 0) return Task.CompletedTask;
        var ids = new string[events.Count];
        var documents = new string[events.Count];
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i].Data is not EntityChanged changed)
                throw new ArgumentException($"The projection of '{view.Reference}' takes {nameof(EntityChanged)} alone, not {events[i].Data.GetType().Name}.", nameof(events));
            var document = OnlineEntity.From(changed.Image, view);
            ids[i] = document.Id;
            documents[i] = JsonSerializer.Serialize(document, Json);
        }
        operations.QueueSqlCommand('^', _upsert, view.Reference, ids, documents);
        return Task.CompletedTask;
    }
}
