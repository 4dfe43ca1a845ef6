using CsCheck;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;

namespace EventFeatures.UnitTests.FeatureViews.Windows;

/// <summary>
/// Windows of every kind with any modifiers, and histories whose events lie on the same lattice of half hours as the
/// windows' edges, or a microsecond beside it: edges are where windows go wrong.
/// </summary>
internal static class WindowSamples
{
    public const string Condition = "country == 'FR'";

    /// <summary>A day before the clocks of Europe go forward.</summary>
    private static readonly Instant Origin = Instant.Parse("2026-03-28T00:00:00Z");

    private static readonly Gen<long> Steps = Gen.Long[0, 200];

    /// <summary>Instants on the lattice and beside it.</summary>
    public static readonly Gen<Instant> Instants = Gen.Select(Steps, Gen.OneOf(0L, 0L, 0L, -1L, 1L)).Select((step, beside) => At(step) + new Duration(beside));

    private static readonly Gen<Duration> Lengths = Gen.OneOf("30m", "1h", "90m", "5h", "1d").Select(Duration.Parse);

    private static readonly Gen<CalendarPeriod> Periods = Gen.OneOf(CalendarPeriod.Day, CalendarPeriod.Day, CalendarPeriod.Week, CalendarPeriod.Month, CalendarPeriod.Year);

    private static readonly Gen<string> Zones = Gen.OneOf("Europe/Paris", "UTC", "America/New_York", "Asia/Kolkata");

    public static readonly Gen<Window> Bare = Gen.OneOf<Gen<Window>>(
        Gen.Const<Window>(new Window.Unbounded()),
        Lengths.Select(Window (length) => new Window.Sliding(length)),
        Gen.Select(Lengths, Gen.OneOf("30m", "7m")).Select(Window (length, resolution) => new Window.Sliding(length) { Resolution = Duration.Parse(resolution) }),
        Gen.Select(Lengths, Gen.Bool).Select(Window (length, previous) => new Window.Tumbling(length, previous)),
        Gen.Select(Lengths, Lengths).Select(Window (length, every) => new Window.Hopping(length, every)),
        Gen.Select(Lengths, Gen.Bool).Select(Window (gap, touching) => new Window.Session(gap, touching)),
        Gen.Int[1, 6].Select(Window (count) => new Window.Rows(count)),
        Gen.Const<Window>(new Window.Since(Condition)),
        Gen.Select(Periods, Zones, Gen.Bool).Select(Window (period, zone, previous) => new Window.Calendar(period, zone, previous))).SelectMany(window => window);

    public static readonly Gen<Window> Any = Gen.Select(
        Bare, Gen.OneOf("0s", "0s", "30m", "3h", "2d"), Gen.OneOf<int?>(null, null, 1, 3, 7),
        Gen.OneOf(WindowExclusion.None, WindowExclusion.None, WindowExclusion.SameTime, WindowExclusion.Ties, WindowExclusion.Newest),
        Gen.OneOf(WindowEdges.StartOpen, WindowEdges.StartOpen, WindowEdges.Closed, WindowEdges.EndOpen))
        .Select((window, offset, rowsMax, exclude, edges) => window with
        {
            Offset = Duration.Parse(offset), RowsMax = rowsMax, Exclude = exclude, Edges = edges,
        });

    /// <summary>
    /// Events in the order of the log: most of them move on by less than two hours, many at the very instant of the one
    /// before; some come hours or days late, and some pauses last for days.
    /// </summary>
    public static readonly Gen<IReadOnlyList<RecordedEvent>> Streams =
        Gen.Select(
            Gen.Frequency((8, Gen.Int[0, 3]), (1, Gen.Int[0, 100])), Gen.Frequency((6, Gen.Const(0)), (1, Gen.Int[1, 8]), (1, Gen.Int[1, 150])),
            Gen.OneOf(0L, 0L, 0L, -1L, 1L), Gen.OneOf("0.1", "1e16", "-1e16", "3.7", "-0.3", "null"), Gen.OneOf("\"FR\"", "\"DE\"", "\"ES\"", "null"), Gen.Bool)
            .List[0, 50]
            .Select(IReadOnlyList<RecordedEvent> (steps) =>
            {
                var events = new List<RecordedEvent>();
                var step = 0L;
                foreach (var (forward, late, beside, amount, country, approved) in steps)
                {
                    step += forward;
                    var at = At(step - late) + new Duration(beside);
                    events.Add(Cards.Paid(events.Count, at, $"\"amount\":{amount},\"country\":{country},\"approved\":{(approved ? "true" : "false")}"));
                }
                return events;
            });

    private static Instant At(long step) => Origin + new Duration(step * 1_800_000_000L);
}
