using EventFeatures.Log.EmbeddedNode.Reading;
using EventFeatures.Log.EmbeddedNode.Storage;
using Npgsql;

namespace EventFeatures.IntegrationTests.Log;

/// <summary>How PostgreSQL goes about the statements that must stay fast however large the log is.</summary>
internal static class Plans
{
    /// <summary>The one that looks for event ids.</summary>
    public static readonly string PlacesOfIds = HeadQueries.Places
        .Replace("$1", "'card-1'").Replace("$2", "ARRAY['00000000-0000-0000-0000-000000000001']").Replace("$3", "0").Replace("$4", "65535");

    /// <summary>The statements, with literals in place of their parameters.</summary>
    public static readonly string[] Statements =
    [
        HeadQueries.Revisions("log.events").Replace("$1", "ARRAY['card-1', 'new-1']"),
        HeadQueries.Revisions("log.events_2000").Replace("$1", "ARRAY['new-1', 'new-2']"),
        HeadQueries.RevisionsAndMetadata("log.events").Replace("$1", "ARRAY['card-1', 'new-1']"),
        HeadQueries.Ids.Replace("$1", "ARRAY['card-1', 'shop-1']"),
        PlacesOfIds,
        HeadQueries.PlacesOfStretch.Replace("$1", "'card-1'").Replace("$2", "70").Replace("$3", "110"),
        StreamExtents.Sql.Replace("$1", "ARRAY['card-1']").Replace("$2", "ARRAY['$$card-1']"),
        .. new[] { EventPages.AllForwards, EventPages.AllBackwards, EventPages.StreamForwards, EventPages.StreamBackwards }
            .Select(sql => sql.Replace("$1", "1500").Replace("$2", "100").Replace("$3", "'card-1'")),
        .. new[] { EventPages.StreamsForwards, EventPages.StreamsBackwards, EventPages.TypesForwards, EventPages.TypesBackwards }
            .Select(sql => sql.Replace("$1", "1500").Replace("$2", "1900").Replace("$3", "100").Replace("$4", "ARRAY['card-', 'shop-']")),
        EventPages.At.Replace("$1", "ARRAY['card-1']").Replace("$2", "ARRAY[57]"),
        WriterSession.Ends,
        FilterBuilder.Streams(new Partition(0, 1_000)),
    ];

    public static async Task<string> OfAsync(NpgsqlDataSource readers, string sql, CancellationToken cancellation)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellation);
        // As if the log were much larger than memory, which is when plans turn bad.
        await using (var small = new NpgsqlCommand("SET effective_cache_size = '8kB'", connection)) await small.ExecuteNonQueryAsync(cancellation);
        await using var command = new NpgsqlCommand("EXPLAIN " + sql, connection);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        List<string> lines = [];
        while (await rows.ReadAsync(cancellation)) lines.Add(rows.GetString(0));
        return string.Join('\n', lines);
    }

    /// <summary>Where a plan goes through all positions of a part, rather than to some of them.</summary>
    public static IEnumerable<string> WholeIndexes(string plan)
    {
        var lines = plan.Split('\n');
        for (var i = 0; i < lines.Length; i++)
            if (lines[i].Contains("Seq Scan on events_", StringComparison.Ordinal)
                || (lines[i].Contains("_position on", StringComparison.Ordinal) && !(i + 1 < lines.Length && lines[i + 1].Contains("Index Cond", StringComparison.Ordinal))))
                yield return lines[i];
    }
}
