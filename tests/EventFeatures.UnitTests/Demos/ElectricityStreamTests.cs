using System.Text.Json;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Demos.Electricity;
using EventFeatures.Core.Time;
using EventFeatures.Testing.PublishedData;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Demos;

public sealed class ElectricityStreamTests : IDisposable
{
    private const string Header = "period,nswprice,nswdemand,vicprice,vicdemand,transfer,class\n";
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Periods_follow_each_other_by_half_an_hour_from_the_seventh_of_may()
    {
        var periods = Read(Header + "0.0,0.05644299999999999,0.439155,0.003467,0.422915,0.414912,1\n0.021277,0.05,0.4,0,1,0.4,0\n");
        periods.ShouldBe([
            new ElectricityPeriod(0, Instant.Parse("1996-05-07T00:00:00Z"), 0, 0.05644299999999999, 0.439155, 0.003467, 0.422915, 0.414912, true),
            new ElectricityPeriod(1, Instant.Parse("1996-05-07T00:30:00Z"), 0.021277, 0.05, 0.4, 0, 1, 0.4, false),
        ]);
    }

    [Fact]
    public void A_period_is_an_event_with_an_id_of_its_own_for_ever()
    {
        var periods = Read(Header + "0.0,0.5,0.4,0.3,0.2,0.1,1\n0.1,0.5,0.4,0.3,0.2,0.1,1\n");
        var first = periods[0].ToEvent();
        first.EventId.ShouldBe(periods[0].ToEvent().EventId);
        first.EventId.ShouldNotBe(periods[1].ToEvent().EventId);
        first.OccurredAt.ShouldBe(Instant.Parse("1996-05-07T00:00:00Z"));
        first.RecordedAt.ShouldBe(Instant.Parse("1996-05-07T00:30:00Z"), "its prices are not known before it is over");
        using var data = JsonDocument.Parse(first.Data);
        data.RootElement.GetProperty("nswprice").GetDouble().ShouldBe(0.5);
        data.RootElement.GetProperty("occurred_at").GetString().ShouldBe("1996-05-07T00:00:00Z");
    }

    [Theory]
    [InlineData("", ":1: the header is ''")]
    [InlineData("date,price\n1,2\n", ":1: the header is 'date,price'")]
    [InlineData(Header, "there is no row below the header")]
    [InlineData(Header + "0,0,0,0,0,0\n", ":2: there are 6 values but must be 7")]
    [InlineData(Header + "0,0,0,0,0,0,1\n\n0,0,0,0,0,0,1\n", ":3: there are 1 values but must be 7")]
    [InlineData(Header + "0,0,0,0,0,0,1\n0,0,x,0,0,0,1\n", ":3: nswdemand is 'x' but must be a number from 0 to 1")]
    [InlineData(Header + "0,NaN,0,0,0,0,1\n", ":2: nswprice is 'NaN'")]
    [InlineData(Header + "0,1.5,0,0,0,0,1\n", ":2: nswprice is '1.5'")]
    [InlineData(Header + "0,0,0,0,0,0,0.5\n", ":2: class is '0.5' but must be 0 or 1")]
    public void A_malformed_file_is_refused_by_line(string text, string problem) =>
        Should.Throw<UsageException>(() => Read(text)).Message.ShouldContain(problem);

    [Fact]
    public void A_missing_file_is_refused_at_once() =>
        Should.Throw<UsageException>(() => ElectricityStream.Read("/nowhere/elec2.csv")).Message.ShouldContain("There is no file '/nowhere/elec2.csv'");

    // 1 1 0 1 1 0: a delay of 1 compares (1,1)(1,0)(0,1)(1,1)(1,0), of 2 (1,0)(1,1)(0,1)(1,0), of 3 equal halves, of 5 (1,0).
    [Theory]
    [InlineData(1, 0.4)]
    [InlineData(2, 0.25)]
    [InlineData(3, 1.0)]
    [InlineData(5, 0.0)]
    [InlineData(6, null)]
    public void No_change_is_right_as_often_as_the_label_equals_that_of_the_delay_before(int delay, double? expected) =>
        ElectricityStream.NoChangeAccuracy([true, true, false, true, true, false], delay).ShouldBe(expected);

    [PublishedStreamsFact]
    public void The_published_file_is_read_whole_and_its_no_change_accuracy_is_the_known_one()
    {
        var periods = ElectricityStream.Read(PublishedStreams.Find(PublishedStreams.Electricity)!).ToList();
        periods.Count.ShouldBe(45_312);
        ElectricityStream.NoChangeAccuracy([.. periods.Select(period => period.IsUp)])!.Value.ShouldBe(0.853, 0.001);
        ElectricityStream.NoChangeAccuracy([.. periods.Select(period => period.IsUp)], delay: 48)!.Value.ShouldBe(0.656, 0.001);
    }

    private List<ElectricityPeriod> Read(string text)
    {
        File.WriteAllText(_path, text);
        return [.. ElectricityStream.Read(_path)];
    }
}
