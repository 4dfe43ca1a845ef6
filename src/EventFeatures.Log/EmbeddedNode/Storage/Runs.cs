namespace EventFeatures.Log.EmbeddedNode.Storage;

/// <summary>
/// How streams are found in the log's table. Events of a stream that were appended together are a run: both their
/// positions and their revisions follow on one another, and all lie in one part. The first of a run says how many it has
/// (<c>run</c>), the others say 0, and the index of streams has the first ones alone: an append of five hundred events
/// adds one entry to it. An event that was appended by itself is a run of one.
/// </summary>
/// <remarks>
/// The planner takes a run for a ninth of the table, and would rather compare all events with all runs. A subquery that
/// looks at one run at a time and ends with OFFSET 0 is not turned round.
/// </remarks>
internal static class Runs
{
    /// <summary>
    /// The ids, revisions and positions of all events of runs, from the indexes alone, as a subquery: of the first ones, and
    /// then of the others, so that nothing is asked for each run of one.
    /// </summary>
    /// <param name="source">What stands behind FROM; the runs in it are <c>r</c>.</param>
    /// <param name="condition">Which runs.</param>
    /// <param name="more">Another column of the source, with a comma behind it.</param>
    public static string Events(string source, string condition, string more = "") =>
        $"""
        (SELECT {more} r.event_id, r.revision, r.position FROM {source} WHERE r.run > 0 AND {condition}
         UNION ALL
         SELECT {more} e.event_id, r.revision + (e.position - r.position), e.position FROM {source}
         CROSS JOIN LATERAL (SELECT i.event_id, i.position FROM log.events i WHERE i.position > r.position AND i.position < r.position + r.run OFFSET 0) AS e
         WHERE r.run > 1 AND {condition})
        """;

    /// <summary>Revision and position of a stream's last event in a table; to be joined LATERAL.</summary>
    /// <param name="table">The log's table, or a part.</param>
    /// <param name="stream">An expression for the stream's name.</param>
    public static string Last(string table, string stream) =>
        $"""
        (SELECT r.revision + (r.run - 1) AS revision, r.position + (r.run - 1) AS position FROM {table} r
         WHERE r.stream = {stream} COLLATE "C" AND r.run > 0 ORDER BY r.revision DESC LIMIT 1)
        """;

    /// <summary>Joins all events <c>e</c> of a stream in a part of the log.</summary>
    /// <param name="part">The part's table.</param>
    /// <param name="stream">An expression for the stream's name.</param>
    public static string JoinEvents(string part, string stream) =>
        $"""
        JOIN {part} r ON r.stream = {stream} COLLATE "C" AND r.run > 0
        CROSS JOIN LATERAL (SELECT i.* FROM {part} i WHERE i.position >= r.position AND i.position < r.position + r.run OFFSET 0) AS e
        """;

    /// <summary>Where the run starts that has a revision of a stream, or the revision itself where no run starts before it.</summary>
    /// <param name="stream">An expression for the stream's name.</param>
    /// <param name="revision">An expression for the revision.</param>
    public static string Start(string stream, string revision) =>
        $"""
        coalesce((SELECT s.revision FROM log.events s WHERE s.stream = {stream} AND s.run > 0 AND s.revision <= {revision} ORDER BY s.revision DESC LIMIT 1), {revision})
        """;
}
