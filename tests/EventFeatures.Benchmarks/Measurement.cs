using System.Globalization;

namespace EventFeatures.Benchmarks;

/// <summary>One line of the table: a rate beside the limit that was measured in the same run.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Unit">What is counted: events, requests, predictions, rows.</param>
/// <param name="PerSecond">How many of them a second; of several rounds, the median.</param>
/// <param name="LimitName">The raw operation that bounds it.</param>
/// <param name="LimitPerSecond">How many of those a second, on this machine, just now; of several rounds, the median.</param>
/// <param name="Latency">Latency percentiles where single calls were timed; empty otherwise.</param>
/// <param name="Rounds">What the rates of several rounds lie between; <see langword="null"/> where there was one.</param>
internal sealed record Measurement(string Name, string Unit, double PerSecond, string LimitName, double LimitPerSecond, string Latency = "", RoundSpread? Rounds = null)
{
    /// <summary>Of rates, not of single rounds: of several rounds, the ratio of the medians.</summary>
    public double Ratio => LimitPerSecond > 0 ? PerSecond / LimitPerSecond : 0;

    public IReadOnlyList<string> Cells =>
    [
        Name,
        $"{PerSecond.ToString("N0", CultureInfo.InvariantCulture)} {Unit}/s{Rounds}",
        $"{LimitPerSecond.ToString("N0", CultureInfo.InvariantCulture)}/s",
        Ratio.ToString("0.00", CultureInfo.InvariantCulture),
        LimitName,
        Latency,
    ];
}
