using System.Globalization;
using EventFeatures.Cli.Demos.Electricity;
using EventFeatures.Core.Time;
using EventFeatures.Testing.PublishedData;

namespace EventFeatures.IntegrationTests.FeatureViews.Streams;

/// <summary>A published stream or, where it is not on this machine, a synthetic one of the same shape.</summary>
/// <param name="Category">The category of its one stream of events.</param>
/// <param name="Key">The key of that stream.</param>
/// <param name="Type">The type of its events.</param>
/// <param name="IsPublished">Whether these are the published rows.</param>
/// <param name="Rows">The rows, oldest first.</param>
internal sealed record StreamFile(string Category, string Key, string Type, bool IsPublished, IReadOnlyList<StreamRow> Rows)
{
    private const int Seed = 20_260_105;

    // Long enough for the clocks to change in Sydney and in New York.
    private const int SyntheticMarketRows = 9_600, SyntheticTaxiRows = 6_720, HalfHoursPerWeek = 336;

    private static readonly Instant TaxiStart = Instant.Parse("2014-07-01T00:00:00Z");

    /// <summary>The stream's name.</summary>
    public string Stream => $"{Category}-{Key}";

    /// <summary>
    /// The electricity market: a row each half-hour, each half-hour of each fourth day being a part. Victoria's price stands
    /// at a filler for the first year, which is missing here.
    /// </summary>
    public static StreamFile Market()
    {
        var path = PublishedStreams.Find(PublishedStreams.Electricity);
        var periods = path is null ? SyntheticPeriods() : ElectricityStream.Read(path);
        return new StreamFile("market", "nsw", "PeriodSettled", path is not null, [.. periods.Select(period => new StreamRow(
            period.Index, period.OccurredAt, period.NswPrice, Math.Round((decimal)period.NswDemand, 6), Millionths(period.Transfer), StreamRow.WordAt(period.Index % 48 / 2),
            period.IsUp, period.VicPrice == 0.003467 ? null : period.VicPrice, Millionths(period.NswDemand), Millionths(period.VicDemand),
            string.Create(CultureInfo.InvariantCulture, $"{period.Index % 48:00}-{period.Index / 48 % 4}")))]);
    }

    /// <summary>
    /// Taxi passengers: a row each half-hour that says only in which hour it was counted, so that every two rows are of
    /// one time. Each day of every other week is a part, with thirteen days between one and the next.
    /// </summary>
    public static StreamFile Taxi()
    {
        var path = PublishedStreams.Find(PublishedStreams.Taxi);
        var counts = path is null ? SyntheticCounts() : Counts(path);
        return new StreamFile("taxi", "nyc", "PassengersCounted", path is not null, [.. counts.Select((count, index) =>
        {
            var hour = new Instant(count.At.Microseconds / 3_600_000_000 * 3_600_000_000);
            var time = hour.ToDateTimeOffset();
            return new StreamRow(
                index, hour, count.Passengers / 1000.0, count.Passengers / 100m, count.Passengers, StreamRow.WordAt(time.Hour), count.Passengers > 15_137,
                count.Passengers < 6_000 ? null : count.Passengers / 3.0, count.Passengers, count.Passengers % 100, string.Create(CultureInfo.InvariantCulture, $"{time.DayOfWeek}-{index / HalfHoursPerWeek % 2}"));
        })]);
    }

    private static long Millionths(double share) => (long)Math.Round(share * 1e6);

    private static IEnumerable<(Instant At, long Passengers)> Counts(string path) =>
        from line in File.ReadLines(path).Skip(1)
        where line.Length > 0
        let cells = line.Split(',')
        select (Instant.Parse(cells[0].Replace(' ', 'T') + "Z"), long.Parse(cells[1], CultureInfo.InvariantCulture));

    private static IEnumerable<(Instant At, long Passengers)> SyntheticCounts()
    {
        var random = new Random(Seed);
        for (var index = 0; index < SyntheticTaxiRows; index++)
            yield return (TaxiStart + new Duration(index * ElectricityPeriod.Length.Microseconds), 4_000 + (index % 48 * 400) + random.Next(6_000));
    }

    private static IEnumerable<ElectricityPeriod> SyntheticPeriods()
    {
        var random = new Random(Seed);
        double Share(double middle) => Math.Round(middle + (random.NextDouble() * 0.1), 6);
        for (var index = 0; index < SyntheticMarketRows; index++)
        {
            var (half, isEarly) = (index % 48, index < SyntheticMarketRows / 3);
            yield return new ElectricityPeriod(
                index, ElectricityStream.Start + new Duration(index * ElectricityPeriod.Length.Microseconds), half / 47.0, Share(half / 96.0), Share(0.3 + (half / 160.0)),
                isEarly ? 0.003467 : Share(0.01), Share(0.4), isEarly ? 0.414912 : Share(0.5), random.Next(10) < (half is > 15 and < 40 ? 7 : 3));
        }
    }
}
