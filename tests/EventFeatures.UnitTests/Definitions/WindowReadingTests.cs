using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Definitions;

public sealed class WindowReadingTests
{
    public static readonly TheoryData<string, Window> Windows = new()
    {
        { "1h", new Window.Sliding(Hour) },
        { "none", new Window.Unbounded() },
        { "{ sliding: 1h }", new Window.Sliding(Hour) },
        { "{ sliding: 1h, resolution: 5m }", new Window.Sliding(Hour) { Resolution = Duration.Parse("5m") } },
        { "{ tumbling: 1h }", new Window.Tumbling(Hour) },
        { "{ tumbling: 1h, which: current }", new Window.Tumbling(Hour) },
        { "{ tumbling: 1h, which: previous }", new Window.Tumbling(Hour, Previous: true) },
        { "{ hopping: 1h, every: 5m }", new Window.Hopping(Hour, Duration.Parse("5m")) },
        { "{ session: { gap: 1h } }", new Window.Session(Hour) },
        { "{ session: { gap: 1h, merge: overlapping } }", new Window.Session(Hour) },
        { "{ session: { gap: 1h, merge: touching } }", new Window.Session(Hour, Touching: true) },
        { "{ session: { gap: 1h }, merge: touching }", new Window.Session(Hour, Touching: true) },
        { "{ rows: 5 }", new Window.Rows(5) },
        { "{ since: \"country == 'FR'\" }", new Window.Since("country == 'FR'") },
        { "{ calendar: day, zone: Europe/Paris }", new Window.Calendar(CalendarPeriod.Day, "Europe/Paris") },
        { "{ calendar: week, zone: UTC }", new Window.Calendar(CalendarPeriod.Week, "UTC") },
        { "{ calendar: month, zone: UTC, which: previous }", new Window.Calendar(CalendarPeriod.Month, "UTC", Previous: true) },
        { "{ calendar: year, zone: UTC }", new Window.Calendar(CalendarPeriod.Year, "UTC") },
        { "{ max_rows: 10 }", new Window.Unbounded { RowsMax = 10 } },
        { "{ sliding: 1h, offset: 7d }", new Window.Sliding(Hour) { Offset = Duration.Parse("7d") } },
        { "{ sliding: 1h, exclude: same_time, bounds: \"(]\" }", new Window.Sliding(Hour) { Exclude = WindowExclusion.SameTime } },
        { "{ rows: 3, exclude: ties, bounds: \"[]\" }", new Window.Rows(3) { Exclude = WindowExclusion.Ties, Edges = WindowEdges.Closed } },
        { "{ session: { gap: 1h }, exclude: newest, bounds: \"[)\", max_rows: 2 }", new Window.Session(Hour) { Exclude = WindowExclusion.Newest, Edges = WindowEdges.EndOpen, RowsMax = 2 } },
    };

    private static Duration Hour => Duration.Parse("1h");

    [Theory]
    [MemberData(nameof(Windows))]
    public async Task A_window_is_read_as_it_is_written(string text, Window expected)
    {
        await using var bench = await DefinitionBench.StartAsync();
        var plan = await bench.PlanAsync(Yaml.Contract, Yaml.Entity, Yaml.View.With("window: 1h", $"window: {text}"));
        ((FeatureView)plan.Changes[^1].Definition).Features[0].Window.ShouldBe(expected);
    }

    [Theory]
    [InlineData("{ sliding: 1h, every: 5m }", "window.every: 'every' belongs to hopping windows only. [window-unsupported]")]
    [InlineData("{ sliding: 1h, which: previous }", "window.which: 'which' belongs to tumbling and calendar windows only. [window-unsupported]")]
    [InlineData("{ tumbling: 1h, resolution: 5m }", "window.resolution: 'resolution' belongs to sliding windows only. [window-unsupported]")]
    [InlineData("{ rows: 5, merge: touching }", "window.merge: 'merge' belongs to session windows only. [window-unsupported]")]
    [InlineData("{ tumbling: 1d, zone: Europe/Paris }", "window.zone: 'zone' belongs to calendar windows only. [window-unsupported]")]
    [InlineData("{ max_rows: 5, which: previous }", "window.which: 'which' belongs to tumbling and calendar windows only. [window-unsupported]")]
    [InlineData("{ tumbling: 1h, rows: 5 }", "window: The window is both tumbling and rows. Keep one. [window-invalid]")]
    [InlineData("{}", "window: The window says nothing. Write a length such as 1h, one of sliding, tumbling, hopping, session, rows, since, calendar, or leave it out for all events. [window-invalid]")]
    [InlineData("{ slidng: 1h, max_rows: 1 }", "window.slidng: A window has no key 'slidng'. Did you mean 'sliding'? [key-unknown]")]
    [InlineData("{ hopping: 1h }", "window.every: 'every' is missing. Write for example window: { hopping: 1h, every: 5m } [key-missing]")]
    [InlineData("{ session: {} }", "window.session.gap: 'gap' is missing. Write for example window: { session: { gap: 30m } } [key-missing]")]
    [InlineData("{ session: 30m }", "window.session: 'session' has to be a mapping, but is the text '30m'. [type-wrong]")]
    [InlineData("{ session: { gap: 1h, merge: touching }, merge: overlapping }", "window.merge: 'merge' is overlapping here and touching in the session. Keep one. [window-invalid]")]
    [InlineData("{ rows: 0 }", "window.rows: 'rows' is 0. Give from 1 to 10000. [window-invalid]")]
    [InlineData("{ sliding: 1h, max_rows: 10001 }", "window.max_rows: 'max_rows' is 10001. Give from 1 to 10000. [window-invalid]")]
    [InlineData("{ since: \"\" }", "window.since: 'since' is empty. Write for example since: \"status == 'declined'\" [value-invalid]")]
    [InlineData("{ since: \"amount\" }", "window.since: 'amount' is a decimal; what a window starts after is true or false. [since-not-a-condition]")]
    [InlineData("{ since: \"amuont > 1\" }", "window.since: In 'amuont > 1': There is no field 'amuont'. Did you mean 'amount'? (column 1) [expression-invalid]")]
    [InlineData("{ calendar: day }", "window.zone: 'zone' is missing. Write for example zone: Europe/Paris [key-missing]")]
    [InlineData("{ calendar: day, zone: Europe/Pariss }", "window: There is no time zone 'Europe/Pariss' in the IANA database 2026f. Did you mean 'Europe/Paris'? [window-invalid]")]
    [InlineData("{ calendar: quarter, zone: UTC }", "window.calendar: 'quarter' is no calendar. Allowed: day, month, week, year. [value-unknown]")]
    [InlineData("{ sliding: 1h, resolution: 2h }", "window: A resolution of 2h is not possible for a window of 1h. Give more than nothing and at most the window's length. [window-invalid]")]
    [InlineData("{ sliding: 365d, resolution: 1m }", "window: A resolution of 1m cuts a window of 365d into more than 10000 tiles. Give a coarser one. [window-invalid]")]
    [InlineData("{ sliding: 1h, bounds: \"()\" }", "window.bounds: '()' is no bounds. Did you mean '(]'? [value-unknown]")]
    [InlineData("{ sliding: 1h, exclude: all }", "window.exclude: 'all' is no exclude. Allowed: newest, same_time, ties. [value-unknown]")]
    [InlineData("{ sliding: 1h, offset: 0s }", "which is no duration of more than zero. Write one whole number and one unit: 250ms, 90s, 15m, 2h or 7d. [duration-invalid]")]
    [InlineData("400000d", "window: A window of 400000d is not possible. Give more than nothing and at most 365000d. [window-invalid]")]
    public async Task A_window_that_means_nothing_is_refused_by_name(string text, string issue)
    {
        await using var bench = await DefinitionBench.StartAsync();
        (await bench.IssuesAsync(Yaml.Contract, Yaml.Entity, Yaml.View.With("window: 1h", $"window: {text}"))).ShouldHaveSingleItem().ShouldEndWith(issue);
    }

    [Fact]
    public async Task Whatever_a_window_says_is_part_of_the_digest()
    {
        await using var bench = await DefinitionBench.StartAsync();
        var digests = new List<string>();
        foreach (var row in Windows)
            digests.Add((await bench.PlanAsync(Yaml.Contract, Yaml.Entity, Yaml.View.With("window: 1h", $"window: {row[0]}"))).Changes[^1].Definition.Digest);
        digests.Distinct().Count().ShouldBe(Windows.Count);
    }
}
