namespace EventFeatures.IntegrationTests.FeatureViews.Streams;

/// <summary>
/// Windows as a database says them. Each statement gives for every asked row <c>id</c> of <c>s</c> its <c>entity</c> and the
/// numbers <c>from_n</c> to <c>to_n</c> of the events that are in; <c>e</c> numbers an entity's events from 1 by time and
/// position, <c>m</c> has the first and last number of each instant, and times are microseconds.
/// </summary>
internal static class WindowSql
{
    public const long Minute = 60_000_000, Hour = 60 * Minute, Day = 24 * Hour;

    /// <summary>Events between two instants that are expressions of the asked time <c>t</c>; the bounds are those of the definition.</summary>
    public static string Between(string start, string end, string bounds = "(]") => $"""
        with w as (select id, entity, {start} as start_at, {end} as end_at from s)
        select w.id, w.entity, coalesce(a.last_n, 0) + 1 as from_n, coalesce(b.last_n, 0) as to_n
        from w asof left join m a on w.entity = a.entity and w.start_at {(bounds[0] == '(' ? ">=" : ">")} a.ts
          asof left join m b on w.entity = b.entity and w.end_at {(bounds[1] == ']' ? ">=" : ">")} b.ts
        """;

    /// <summary>The last multiple of a length at or before an instant; of the one before it where buckets hold their end.</summary>
    public static string Bucket(string at, long length, bool holdsEnd = true) => holdsEnd ? $"(({at} - 1) // {length} * {length})" : $"({at} // {length} * {length})";

    /// <summary>The same by the database's own buckets.</summary>
    public static string TimeBucket(string at, string interval) => $"epoch_us(time_bucket(interval '{interval}', make_timestamp({at} - 1), timestamp '1970-01-01'))";

    /// <summary>When the period of a calendar began that holds the microsecond before an instant.</summary>
    public static string Period(string at, string period, string zone) =>
        $"epoch_us(timezone('{zone}', date_trunc('{period}', timezone('{zone}', timezone('UTC', make_timestamp({at} - 1))))))";

    /// <summary>The last so many events at or before the asked time, or those before the one that is left out.</summary>
    public static string Rows(int count, bool withoutNewest = false)
    {
        var last = withoutNewest ? "case when until_n > before_n then until_n - 1 else until_n end" : "until_n";
        return $"select id, entity, {last} - {count - 1} as from_n, {last} as to_n from s";
    }

    /// <summary>Of what another statement picks the newest so many.</summary>
    public static string Newest(string picks, int count) => $"select id, entity, greatest(from_n, to_n - {count - 1}) as from_n, to_n from ({picks})";

    /// <summary>Gaps and islands: the island of the last event.</summary>
    /// <param name="gap">The gap.</param>
    /// <param name="touching">Whether events exactly a gap apart belong together.</param>
    /// <param name="offset">How long before the asked time the window ends.</param>
    /// <param name="beforeT">Whether the events at the asked time are out.</param>
    public static string Session(long gap, bool touching = false, long offset = 0, bool beforeT = false) => $"""
        with steps as (select entity, n, coalesce(ts - lag(ts) over (partition by entity order by n) {(touching ? ">" : ">=")} {gap}, true) as begins from e),
          islands as (select entity, n, max(case when begins then n end) over (partition by entity order by n) as island from steps),
          ends as ({Between("-1", $"t - {offset}", beforeT ? "[)" : "(]")})
        select ends.id, ends.entity, coalesce(islands.island, 1) as from_n, ends.to_n from ends left join islands on islands.entity = ends.entity and islands.n = ends.to_n
        """;

    /// <summary>The events after the last one before the asked time for which a condition held.</summary>
    public static string Since(string condition, string bounds = "(]") => $"""
        with held as (select entity, n, max(case when {condition} then n end) over (partition by entity order by n) as held_n from e)
        select s.id, s.entity, coalesce(held.held_n{(bounds[0] == '(' ? " + 1" : "")}, 1) as from_n, {(bounds[1] == ']' ? "s.until_n" : "s.before_n")} as to_n
        from s left join held on held.entity = s.entity and held.n = s.before_n
        """;
}
