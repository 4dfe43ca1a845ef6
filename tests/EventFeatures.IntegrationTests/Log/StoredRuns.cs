namespace EventFeatures.IntegrationTests.Log;

/// <summary>What must hold of the runs in the log's table, whatever was done to it.</summary>
internal static class StoredRuns
{
    /// <summary>
    /// Counts events that no run holds at their place: those that start none and do not follow on an event of their stream
    /// in the same part, and runs that have other than as many events as they say.
    /// </summary>
    public const string Broken =
        """
        WITH placed AS (
            SELECT e.*, p.first AS part, sum((run > 0)::int) OVER (ORDER BY position) AS number,
                lag(stream) OVER w AS stream_before, lag(revision) OVER w AS revision_before, lag(position) OVER w AS position_before
            FROM log.events e JOIN log.partitions p ON e.position >= p.first AND e.position < p.past
            WINDOW w AS (PARTITION BY p.first ORDER BY position))
        SELECT (SELECT count(*) FROM placed WHERE run = 0 AND (stream, revision, position) IS DISTINCT FROM (stream_before, revision_before + 1, position_before + 1))
            + (SELECT count(*) FROM (SELECT 1 FROM placed GROUP BY number HAVING max(run) <> count(*)) AS wrong)
        """;

    /// <summary>How many parts have the three indexes of a part by their names, and these alone.</summary>
    public const string Indexes =
        """
        SELECT count(*) FROM log.partitions p WHERE (
            SELECT array_agg(indexname::text ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'log' AND tablename = 'events_' || p.first)
            = ARRAY['events_' || p.first || '_closed', 'events_' || p.first || '_position', 'events_' || p.first || '_stream_revision']
        """;
}
