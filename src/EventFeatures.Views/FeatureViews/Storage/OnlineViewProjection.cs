using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Folding;
using JasperFx.Events;
using Marten;
using Marten.Events.Projections;
using Npgsql;
using NpgsqlTypes;

namespace EventFeatures.Views.FeatureViews.Storage;

/// <summary>
/// Entities' coalesced changes, as the projection is given them, each entity once. They are made while they are written,
/// so that not all of them lie in memory together.
/// </summary>
/// <param name="New">Entities that have no document yet.</param>
/// <param name="Changed">Entities that may have one.</param>
internal sealed record EntitiesChanged(IEnumerable<EntityImage> New, IEnumerable<EntityImage> Changed);

/// <summary>
/// The Marten projection of a view: changed entities become documents, within the transaction of the caller's session.
/// They are written at once, and not when the session is saved.
/// </summary>
internal sealed class OnlineViewProjection(FeatureView view, string schema) : IProjection
{
    // What is sent together of the documents that may be there, and so held in memory.
    private const int UpsertBytesMax = 1 << 20;

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly OnlineEntityJson _json = new(view);

    // Nobody is asked whether the document is there, which costs half as much.
    private readonly string _insert =
        $"copy {PostgresText.Identifier(schema)}.{OnlineStore.EntityTable} (tenant_id, id, data) from stdin (format binary)";

    private readonly string _upsert =
        $"""
        insert into {PostgresText.Identifier(schema)}.{OnlineStore.EntityTable} (tenant_id, id, data)
        select $1, changed.id, changed.data from unnest($2, $3) as changed (id, data)
        on conflict (tenant_id, id) do update set data = excluded.data
        """;

    public async Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken cancellation)
    {
        foreach (var happened in events)
        {
            if (happened.Data is not EntitiesChanged changed)
                throw new ArgumentException($"The projection of '{view.Reference}' takes {nameof(EntitiesChanged)} alone, not {happened.Data.GetType().Name}.", nameof(events));
            await InsertAsync(operations.Connection, changed.New, cancellation);
            await UpsertAsync(operations.Connection, changed.Changed, cancellation);
        }
    }

    private async Task InsertAsync(NpgsqlConnection connection, IEnumerable<EntityImage> images, CancellationToken cancellation)
    {
        var buffer = new ArrayBufferWriter<byte>();
        await using var writer = new Utf8JsonWriter(buffer, Json);
        await CopyRows.SendAsync(connection, _insert, images, Encode, cancellation);

        void Encode(CopyRows copy, EntityImage image)
        {
            buffer.ResetWrittenCount();
            _json.Write(writer, image);
            copy.StartRow(columns: 3);
            copy.Write(view.Reference);
            copy.Write(PostgresText.Encode(image.Key));
            copy.WriteJsonb(buffer.WrittenSpan);
        }
    }

    private async Task UpsertAsync(NpgsqlConnection connection, IEnumerable<EntityImage> images, CancellationToken cancellation)
    {
        var buffer = new ArrayBufferWriter<byte>();
        await using var writer = new Utf8JsonWriter(buffer, Json);
        var (ids, ends) = (new List<string>(), new List<int>());
        foreach (var image in images)
        {
            _json.Write(writer, image);
            ids.Add(PostgresText.Encode(image.Key));
            ends.Add(buffer.WrittenCount);
            if (buffer.WrittenCount >= UpsertBytesMax) await SendAsync();
        }
        if (ids.Count > 0) await SendAsync();

        async Task SendAsync()
        {
            await using var upsert = new NpgsqlCommand(_upsert, connection)
            {
                Parameters =
                {
                    new() { Value = view.Reference },
                    new() { Value = ids },
                    new() { Value = Documents(buffer.WrittenMemory, ends), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb },
                },
            };
            await upsert.ExecuteNonQueryAsync(cancellation);
            buffer.ResetWrittenCount();
            ids.Clear();
            ends.Clear();
        }
    }

    private static ReadOnlyMemory<byte>[] Documents(ReadOnlyMemory<byte> written, List<int> ends)
    {
        var documents = new ReadOnlyMemory<byte>[ends.Count];
        for (var (i, begin) = (0, 0); i < documents.Length; begin = ends[i++]) documents[i] = written[begin..ends[i]];
        return documents;
    }
}
