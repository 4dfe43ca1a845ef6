using EventFeatures.Core.Time;
using EventFeatures.Core.Time.Zones;
using EventFeatures.Testing.Specs;
using EventFeatures.Testing.Zones;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Time;

public sealed class ZoneTests
{
    /// <summary>A folder of compiled zones to make a table from; a table of their version is then written.</summary>
    private static readonly string? Given = Environment.GetEnvironmentVariable("EVENTFEATURES_ZONES");

    [Theory]
    [InlineData("Europe/Paris", "2026-03-29", "2026-03-28T23:00:00Z")]
    [InlineData("Europe/Paris", "2026-03-30", "2026-03-29T22:00:00Z")]
    [InlineData("Europe/Paris", "2026-10-25", "2026-10-24T22:00:00Z")]
    [InlineData("Europe/Paris", "2026-10-26", "2026-10-25T23:00:00Z")]
    [InlineData("Europe/Paris", "2500-07-01", "2500-06-30T22:00:00Z")]
    [InlineData("Europe/Paris", "9999-12-31", "9999-12-30T23:00:00Z")]
    [InlineData("Europe/Paris", "1800-01-01", "1799-12-31T23:50:39Z")]
    [InlineData("Europe/Dublin", "2026-07-01", "2026-06-30T23:00:00Z")]
    [InlineData("America/New_York", "2026-03-09", "2026-03-09T04:00:00Z")]
    [InlineData("Asia/Kolkata", "2026-01-01", "2025-12-31T18:30:00Z")]
    [InlineData("Australia/Lord_Howe", "2026-01-01", "2025-12-31T13:00:00Z")]
    [InlineData("Pacific/Chatham", "2026-07-01", "2026-06-30T11:15:00Z")]
    // Estonia had no summer time in 2000 and 2001, between years that had it.
    [InlineData("Europe/Tallinn", "2000-07-15", "2000-07-14T22:00:00Z")]
    [InlineData("UTC", "2026-01-01", "2026-01-01T00:00:00Z")]
    public void A_day_begins_at_its_midnight(string zone, string day, string expected) => Start(zone, day).ShouldBe(Instant.Parse(expected));

    [Fact]
    public void A_midnight_that_comes_twice_counts_the_first_time() =>
        // In Havana 00:59:59 was followed by 00:00:00 again.
        Start("America/Havana", "2025-11-02").ShouldBe(Instant.Parse("2025-11-02T04:00:00Z"));

    [Fact]
    public void A_midnight_that_is_skipped_gives_way_to_the_first_moment_after_it() =>
        Start("America/Sao_Paulo", "2018-11-04").ShouldBe(Instant.Parse("2018-11-04T03:00:00Z"));

    [Fact]
    public void A_day_that_never_was_begins_when_the_next_one_does() =>
        Start("Pacific/Apia", "2011-12-30").ShouldBe(Start("Pacific/Apia", "2011-12-31"));

    [Theory]
    [InlineData("2026-03-29T00:59:59.999999Z", 1)]
    [InlineData("2026-03-29T01:00:00Z", 2)]
    [InlineData("2026-10-25T00:59:59.999999Z", 2)]
    [InlineData("2026-10-25T01:00:00Z", 1)]
    [InlineData("2100-03-28T01:00:00Z", 2)]
    public void Summer_time_starts_and_ends_to_the_microsecond(string instant, int hours) =>
        ZoneTable.Find("Europe/Paris")!.OffsetAt(Instant.Parse(instant)).ShouldBe(new Duration(hours * 3_600_000_000L));

    [Fact]
    public void Every_zone_tells_every_day_once_and_in_order()
    {
        var wrong =
            from name in ZoneTable.Names.AsParallel()
            let zone = ZoneTable.Find(name)!
            from day in Enumerable.Range(0, 1_923).Select(index => new DateOnly(1960, 1, 1).AddDays(19 * index))
            let start = zone.StartOf(day)
            where start >= zone.StartOf(day.AddDays(2)) || zone.DateAt(start) < day || zone.DateAt(start - new Duration(1)) > day
            select $"{name} {day:yyyy-MM-dd}";

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void There_is_no_zone_of_another_name() => ZoneTable.Find("Europe/Atlantis").ShouldBeNull();

    [Fact]
    public void The_table_is_what_the_database_of_its_version_says()
    {
        var folder = Given is { Length: > 0 } ? Given : "/usr/share/zoneinfo";
        if (ZoneTableWriter.VersionOf(folder) is not { } version) return;
        var table = Path.Combine(RepositoryFolder.Path, "src", "EventFeatures.Core", "Time", "Zones", $"tzdata-{version}.txt");
        if (folder == Given) File.WriteAllText(table, ZoneTableWriter.Write(folder));
        if (version == ZoneTable.Version) File.ReadAllText(table).ShouldBe(ZoneTableWriter.Write(folder));
    }

    private static Instant Start(string zone, string day) => ZoneTable.Find(zone)!.StartOf(DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture));
}
