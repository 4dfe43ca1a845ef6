using static EventFeatures.IntegrationTests.FeatureViews.Streams.WindowSql;

namespace EventFeatures.IntegrationTests.FeatureViews.Streams;

/// <summary>A window as a definition writes it and as a database says it.</summary>
/// <param name="Name">A short name.</param>
/// <param name="Yaml">The definition's <c>window</c>; null where there is none.</param>
/// <param name="Picks">A statement of <see cref="WindowSql"/>.</param>
internal sealed record StreamWindow(string Name, string? Yaml, string Picks)
{
    /// <summary>Which of the picked events stay, where they are no run; <c>e</c> and the asked <c>s</c> say which.</summary>
    public string Keep { get; init; } = "true";

    /// <summary>Its length in seconds, where it has a fixed one.</summary>
    public long? Seconds { get; init; }

    /// <summary>Whether it never reaches back two days.</summary>
    public bool IsShort { get; init; }

    /// <summary>The half-hours of the market: an event each half-hour without a gap.</summary>
    public static IReadOnlyList<StreamWindow> OfMarket { get; } =
    [
        Sliding("sliding", "6h", 6 * Hour),
        new("resolution", "{ sliding: 5h, resolution: 2h }", Between($"(t - {5 * Hour}) // {2 * Hour} * {2 * Hour}", "t")) { Seconds = 5 * 3_600, IsShort = true },
        .. Buckets("6h", 6 * Hour),
        new("hopping", "{ hopping: 3h, every: 2h }", Between($"t // {2 * Hour} * {2 * Hour} - {3 * Hour}", $"t // {2 * Hour} * {2 * Hour}")) { IsShort = true },
        new("rows", "{ rows: 7 }", Rows(7)) { IsShort = true },
        new("rows_before", "{ rows: 7, exclude: newest }", Rows(7, withoutNewest: true)) { IsShort = true },
        new("since", "{ since: \"not flag and word != 'night'\" }", Since("not flag and word <> 'night'")),
        new("calendar_day", "{ calendar: day, zone: Australia/Sydney }", Between(Period("t", "day", Sydney), "t")) { IsShort = true },
        new("calendar_day_before", "{ calendar: day, zone: Australia/Sydney, which: previous }", Between(Period(Period("t", "day", Sydney), "day", Sydney), Period("t", "day", Sydney))),
        new("offset", "{ sliding: 6h, offset: 90m }", Between($"t - {6 * Hour + 90 * Minute}", $"t - {90 * Minute}")) { Seconds = 6 * 3_600, IsShort = true },
        new("newest", "{ sliding: 12h, max_rows: 5 }", Newest(Between($"t - {12 * Hour}", "t"), 5)) { Seconds = 12 * 3_600, IsShort = true },
        new("newest_ever", "{ max_rows: 9 }", Newest(Between("-1", "t"), 9)) { IsShort = true },
    ];

    /// <summary>The half-hours in which the price is high: runs of events with gaps.</summary>
    public static IReadOnlyList<StreamWindow> OfHighMarket { get; } =
    [
        .. Sessions("30m", 30 * Minute),
        new("session_hour", "{ session: { gap: 1h } }", Session(Hour)),
        new("session_offset", "{ session: { gap: 90m }, offset: 1h }", Session(90 * Minute, offset: Hour)),
        new("session_newest", "{ session: { gap: 1h, merge: touching }, max_rows: 3 }", Newest(Session(Hour, touching: true), 3)),
        Sliding("sliding", "6h", 6 * Hour),
    ];

    /// <summary>One half-hour of every fourth day: an event each four days for years.</summary>
    public static IReadOnlyList<StreamWindow> OfSlots { get; } =
    [
        new("ever", null, Between("-1", "t")),
        new("calendar_month", "{ calendar: month, zone: Australia/Sydney }", Between(Period("t", "month", Sydney), "t")),
        new("calendar_month_before", "{ calendar: month, zone: Australia/Sydney, which: previous }", Between(Period(Period("t", "month", Sydney), "month", Sydney), Period("t", "month", Sydney))),
        new("calendar_year", "{ calendar: year, zone: Australia/Sydney }", Between(Period("t", "year", Sydney), "t")),
        new("calendar_week", "{ calendar: week, zone: Australia/Sydney }", Between(Period("t", "week", Sydney), "t")),
        .. Sessions("4d", 4 * Day),
        new("hopping", "{ hopping: 14d, every: 7d }", Between($"t // {7 * Day} * {7 * Day} - {14 * Day}", $"t // {7 * Day} * {7 * Day}")),
    ];

    /// <summary>Hours of one day of every other week, two events to each hour: events of equal times, and gaps of thirteen days.</summary>
    public static IReadOnlyList<StreamWindow> OfTaxi { get; } =
    [
        Sliding("sliding", "6h", 6 * Hour),
        new("closed", "{ sliding: 6h, bounds: \"[]\" }", Between($"t - {6 * Hour}", "t", "[]")) { Seconds = 6 * 3_600, IsShort = true },
        new("end_open", "{ sliding: 6h, bounds: \"[)\" }", Between($"t - {6 * Hour}", "t", "[)")) { Seconds = 6 * 3_600, IsShort = true },
        new("resolution", "{ sliding: 7h, resolution: 3h }", Between($"(t - {7 * Hour}) // {3 * Hour} * {3 * Hour}", "t")) { Seconds = 7 * 3_600, IsShort = true },
        .. Buckets("6h", 6 * Hour),
        new("hopping", "{ hopping: 6h, every: 4h }", Between($"t // {4 * Hour} * {4 * Hour} - {6 * Hour}", $"t // {4 * Hour} * {4 * Hour}")) { IsShort = true },
        .. Sessions("1h", Hour),
        new("session_end_open", "{ session: { gap: 2h }, bounds: \"[)\" }", Session(2 * Hour, beforeT: true)),
        new("rows", "{ rows: 5 }", Rows(5)) { IsShort = true },
        new("rows_before", "{ rows: 3, exclude: newest }", Rows(3, withoutNewest: true)),
        new("since", "{ since: flag }", Since("flag")),
        new("since_closed", "{ since: flag, bounds: \"[]\" }", Since("flag", "[]")),
        new("since_end_open", "{ since: flag, bounds: \"[)\" }", Since("flag", "[)")),
        new("calendar_day", "{ calendar: day, zone: America/New_York }", Between(Period("t", "day", NewYork), "t")),
        new("calendar_week", "{ calendar: week, zone: America/New_York }", Between(Period("t", "week", NewYork), "t")),
        new("calendar_month_before", "{ calendar: month, zone: America/New_York, which: previous }", Between(Period(Period("t", "month", NewYork), "month", NewYork), Period("t", "month", NewYork))),
        new("calendar_year", "{ calendar: year, zone: America/New_York }", Between(Period("t", "year", NewYork), "t")),
        new("offset", "{ sliding: 24h, offset: 14d }", Between($"t - {15 * Day}", $"t - {14 * Day}")) { Seconds = 86_400 },
        new("not_at_once", "{ sliding: 6h, exclude: same_time }", Between($"t - {6 * Hour}", "t")) { Keep = "e.ts <> s.t", Seconds = 6 * 3_600, IsShort = true },
        new("no_ties", "{ sliding: 6h, exclude: ties }", Between($"t - {6 * Hour}", "t")) { Keep = "(e.ts <> s.t or e.n = s.until_n)", Seconds = 6 * 3_600, IsShort = true },
        new("session_no_ties", "{ session: { gap: 2h }, exclude: ties }", Session(2 * Hour)) { Keep = "(e.ts <> s.t or e.n = s.until_n)" },
        new("not_the_newest", "{ sliding: 6h, exclude: newest }", Between($"t - {6 * Hour}", "t")) { Keep = "not (e.ts = s.t and e.n = s.until_n)", Seconds = 6 * 3_600, IsShort = true },
        new("ever", null, Between("-1", "t")),
        new("ever_before", "{ offset: 28d }", Between("-1", $"t - {28 * Day}")),
    ];

    private const string Sydney = "Australia/Sydney", NewYork = "America/New_York";

    private static StreamWindow Sliding(string name, string text, long length) =>
        new(name, text, Between($"t - {length}", "t")) { Seconds = length / 1_000_000, IsShort = true };

    private static IEnumerable<StreamWindow> Buckets(string text, long length) =>
    [
        new("tumbling", $"{{ tumbling: {text} }}", Between(TimeBucket("t", $"{length / Hour} hours"), "t")) { Seconds = length / 1_000_000, IsShort = true },
        new("tumbling_before", $"{{ tumbling: {text}, which: previous }}", Between($"{Bucket("t", length)} - {length}", Bucket("t", length))) { Seconds = length / 1_000_000, IsShort = true },
        new("tumbling_end_open", $"{{ tumbling: {text}, bounds: \"[)\" }}", Between(Bucket("t", length, holdsEnd: false), "t", "[)")) { Seconds = length / 1_000_000, IsShort = true },
        new("tumbling_offset", $"{{ tumbling: {text}, offset: 1h, bounds: \"[]\" }}", Between(Bucket($"(t - {Hour})", length), $"t - {Hour}", "[]")) { Seconds = length / 1_000_000, IsShort = true },
    ];

    private static IEnumerable<StreamWindow> Sessions(string text, long gap) =>
    [
        new("session", $"{{ session: {{ gap: {text} }} }}", Session(gap)),
        new("session_touching", $"{{ session: {{ gap: {text}, merge: touching }} }}", Session(gap, touching: true)),
    ];
}
