using System.Globalization;
using EventFeatures.Benchmarks.Scenarios;

namespace EventFeatures.Benchmarks;

/// <summary>What a benchmark is asked for.</summary>
/// <param name="Log">Whether the log alone is measured.</param>
/// <param name="Features">Whether the feature engine alone is measured.</param>
/// <param name="Events">How many events the log is filled with first, to say what it costs at that size; 0 for none.</param>
/// <param name="Quick">Whether a tenth of the work is enough.</param>
/// <param name="Json">Whether to print one line of JSON a measurement.</param>
/// <param name="Only">The one part of the feature engine that is measured, of <see cref="FeatureScenarios.Parts"/>; null for all of it.</param>
internal sealed record BenchOptions(bool Log, bool Features, long Events, bool Quick, bool Json, string? Only = null)
{
    public const string Usage =
        """
        Usage: eventfeatures bench [log [--events N] | features [--only PART]] [--quick] [--json]
        Prints rates beside raw limits measured in the same run, with their ratios.

          bench           appends over the API, projections, training, reads, predictions, replay
          bench log       the log alone: durable appends, batches, reads, a catch-up subscription; seven rounds of
                          all rows, each beside its limit: says the median rate (the least to the best), the
                          median limit, and the ratio of the two medians
          bench features  the feature engine: folds, projection, freshness, online and batch reads, joins, training sets
          --events N      fills a log with N events first, 100,000 to 1,000,000,000, and says what it costs at that size: disk,
                          memory, restart, backup, scavenge, reads and appends. Takes 700 bytes of disk an
                          event, twice that while the backup lasts, and gives them back
          --only PART     one part of the feature engine: projection, freshness, reads, joins, many;
                          for example: eventfeatures bench features --only joins
          --quick         a tenth of the work, not warm: to see that it runs, not to quote
          --json          one line of JSON a measurement
        """;

    private const long EventsMin = 100_000;
    private const long EventsMax = 1_000_000_000;

    /// <summary>Reads the arguments after <c>bench</c>; <see langword="null"/> when they are not as the usage says.</summary>
    public static BenchOptions? TryParse(ReadOnlySpan<string> arguments)
    {
        var options = new BenchOptions(false, false, 0, false, false);
        for (var rest = arguments; rest.Length > 0;)
        {
            var taken = 1;
            switch (rest)
            {
                case ["log", ..]:
                    options = options with { Log = true };
                    break;
                case ["features", ..]:
                    options = options with { Features = true };
                    break;
                case ["--only", var part, ..] when FeatureScenarios.Parts.Contains(part):
                    options = options with { Only = part };
                    taken = 2;
                    break;
                case ["--quick", ..]:
                    options = options with { Quick = true };
                    break;
                case ["--json", ..]:
                    options = options with { Json = true };
                    break;
                case ["--events", var text, ..] when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var events) && events is >= EventsMin and <= EventsMax:
                    options = options with { Events = events };
                    taken = 2;
                    break;
                default:
                    return null;
            }
            rest = rest[taken..];
        }
        return (options.Events > 0 && !options.Log) || (options.Only is not null && !options.Features) || (options.Log && options.Features) ? null : options;
    }
}
