using EventFeatures.Core.Events;
using EventFeatures.Log.EmbeddedNode.Links;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol;
using Npgsql;
using NpgsqlTypes;

namespace EventFeatures.Log.EmbeddedNode.Reading;

/// <summary>Looks up what of streams can be read now.</summary>
internal sealed class StreamExtents(NpgsqlDataSource readers, LinkIndex links, TimeProvider time)
{
    // Of a metadata stream only the newest event counts.
    private static readonly StreamMetadata OfMetadata = new() { MaxCount = 1 };

    /// <summary>The related stream is a stream's metadata, or the stream that a metadata stream speaks of.</summary>
    public static readonly string Sql =
        $"""
        SELECT wanted.stream, coalesce(head.revision, -1), related.revision, related.data
        FROM unnest($1::text[], $2::text[]) AS wanted(stream, related)
        LEFT JOIN LATERAL {Runs.Last("log.events", "wanted.stream")} AS head ON true
        LEFT JOIN LATERAL {Runs.Last("log.events", "wanted.related")} AS newest ON true
        LEFT JOIN log.events related ON related.position = newest.position
        """;

    /// <summary>What of one stream can be read.</summary>
    public async Task<StreamExtent> OfAsync(string stream, CancellationToken cancellation)
    {
        if (LinkStream.Of(stream) is not { } linked) return (await OfAllAsync([stream], cancellation))[stream];
        var counted = await links.CatchUpAsync(linked, cancellation);
        return (await OfAllAsync([stream], counted, cancellation))[stream];
    }

    /// <summary>What of each stream can be read; none of them is a link stream.</summary>
    public Task<Dictionary<string, StreamExtent>> OfAllAsync(string[] streams, CancellationToken cancellation) => OfAllAsync(streams, null, cancellation);

    private async Task<Dictionary<string, StreamExtent>> OfAllAsync(string[] streams, (long Count, long Through)? counted, CancellationToken cancellation)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(Texts(streams));
        command.Parameters.Add(Texts([.. streams.Select(Related)]));
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var now = (time.GetUtcNow().Ticks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        Dictionary<string, StreamExtent> extents = new(streams.Length, StringComparer.Ordinal);
        while (await rows.ReadAsync(cancellation)) extents[rows.GetString(0)] = Read(rows, counted, now);
        return extents;
    }

    private static StreamExtent Read(NpgsqlDataReader row, (long Count, long Through)? counted, long now)
    {
        if (SystemStreams.IsMetadata(row.GetString(0)))
            return new StreamExtent(row.GetInt64(1), OfMetadata, isClosed: !row.IsDBNull(2) && row.GetInt64(2) == WireNames.TombstoneRevision, now);
        var metadata = row.IsDBNull(3) ? StreamMetadata.None : StoredMetadata.Read(row.GetFieldValue<byte[]>(3));
        return new StreamExtent(counted?.Count - 1 ?? row.GetInt64(1), metadata, isClosed: false, now) { Through = counted?.Through ?? 0 };
    }

    private static string Related(string stream) => SystemStreams.IsMetadata(stream) ? SystemStreams.OriginalOf(stream) : SystemStreams.MetadataOf(stream);

    private static NpgsqlParameter<string[]> Texts(string[] texts) => new() { TypedValue = texts, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}
