using System.Globalization;
using EventFeatures.Application.TrainingSets;
using EventFeatures.Benchmarks.Limits;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace EventFeatures.Benchmarks.Scenarios;

/// <summary>
/// Point-in-time joins of a last value and of 18 windowed features, in memory and on one thread, beside DuckDB's joins,
/// which must give the same; then whole training sets, from PostgreSQL to a checked Parquet file.
/// </summary>
internal static class TrainingScenario
{
    /// <param name="system">The system.</param>
    /// <param name="knownAt">The position of the last event that both sides know.</param>
    /// <param name="scale">How much is measured.</param>
    public static async IAsyncEnumerable<Measurement> RunAsync(BenchSystem system, Position knownAt, BenchScale scale)
    {
        await system.ApplyAsync(BenchDefinitions.Source, BenchDefinitions.Training).ConfigureAwait(false);
        // Each card's points lie between its events, not at them.
        List<(string Card, long Microseconds)> spine = [.. Enumerable.Range(0, scale.Events).Select(number => (BenchEvents.Card(number * 13L + 5), BenchEvents.Microseconds(number) + 500_000))];
        using var duck = new DuckDbJoin(scale.Events, spine);
        var (asOf, range) = (duck.LastValues(), duck.Windows(BenchDefinitions.TrainingHours));

        yield return await JoinAsync(system, knownAt, "bench_last", "join a last value, one thread", spine, "DuckDB's ASOF join", asOf).ConfigureAwait(false);
        yield return await JoinAsync(system, knownAt, "bench_windows", "join 18 windowed features, one thread", spine, "DuckDB's range join", range).ConfigureAwait(false);
        yield return await BuildAsync(system, knownAt, "bench_last", "training set of a last value", spine, "DuckDB's ASOF join", asOf.PerSecond).ConfigureAwait(false);
        yield return await BuildAsync(system, knownAt, "bench_windows", "training set of 18 windowed features", spine, "DuckDB's range join", range.PerSecond).ConfigureAwait(false);
    }

    private static async Task<Measurement> JoinAsync(
        BenchSystem system, Position knownAt, string name, string what, List<(string Card, long Microseconds)> spine, string limitName, (double PerSecond, List<double?[]> Rows) limit)
    {
        var reference = new ViewReference(name, 1);
        var view = system.Services.GetRequiredService<IRegistry>().Current.Views[reference];
        var histories = new Dictionary<string, KnownRows>(StringComparer.Ordinal);
        await foreach (var entity in system.Services.GetRequiredService<IBatchViews>().ReadEntitiesAsync(reference, null, knownAt).ConfigureAwait(false))
            histories.Add(entity.EntityKey, new KnownRows(entity.Rows));
        var points = spine.Select((point, row) => (point.Card, Row: row, Point: new JoinPoint(new Instant(point.Microseconds), null))).GroupBy(point => point.Card)
            .Select(card => (card.Key, Rows: card.Select(point => point.Row).ToArray(), Points: card.Select(point => point.Point).ToArray())).ToList();
        var joined = new IReadOnlyList<FeatureValue>[spine.Count];
        var elapsed = MedianTime.Of(Join);
        RequireEqual(what, joined, limit.Rows);
        return new Measurement(what, "rows", spine.Count / elapsed.TotalSeconds, limitName, limit.PerSecond, "equal results");

        void Join()
        {
            foreach (var (card, rows, instants) in points)
            {
                var values = PointInTimeJoin.Join(view, histories.GetValueOrDefault(card) ?? new KnownRows([]), instants, Knowledge.Latest);
                for (var i = 0; i < rows.Length; i++) joined[rows[i]] = values[i].Values;
            }
        }
    }

    private static async Task<Measurement> BuildAsync(
        BenchSystem system, Position knownAt, string service, string what, List<(string Card, long Microseconds)> spine, string limitName, double limit)
    {
        var mediator = system.Services.GetRequiredService<IMediator>();
        var path = Path.Combine(Path.GetTempPath(), $"eventfeatures-bench-{Environment.ProcessId}.parquet");
        var request = new BuildTrainingSet(service, path)
        {
            Knowledge = Knowledge.Latest,
            KnownAt = knownAt,
            Spine = [.. spine.Select(point => new SpineRow(new Dictionary<string, string> { ["benchcard"] = point.Card }, new Instant(point.Microseconds)))],
        };
        try
        {
            var built = await mediator.Send(request).ConfigureAwait(false);
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var elapsed = await MedianTime.OfAsync(async () => built = await mediator.Send(request).ConfigureAwait(false)).ConfigureAwait(false);
            if (built.Rows != spine.Count || built.Leaks.Mismatches > 0)
                throw new InvalidOperationException($"The training set has {built.Rows} rows, of which {built.Leaks.Mismatches} fold to other values; a rate would mean nothing.");
            var kept = Math.Max(0, GC.GetTotalMemory(forceFullCollection: true) - before) >> 20;
            return new Measurement(what, "rows", built.Rows / elapsed.TotalSeconds, limitName, limit,
                string.Create(CultureInfo.InvariantCulture, $"each row refolded, equal; {new FileInfo(path).Length >> 10:N0} KiB, {kept:N0} MiB kept in memory"));
        }
        finally
        {
            File.Delete(path);
            File.Delete(path + ".manifest.json");
        }
    }

    private static void RequireEqual(string what, IReadOnlyList<FeatureValue>[] joined, List<double?[]> expected)
    {
        for (var row = 0; row < joined.Length; row++)
        {
            for (var feature = 0; feature < expected[row].Length; feature++)
            {
                var value = joined[row][feature].Value;
                var number = value.IsNull ? (double?)null : value.Kind == ValueKind.Integer ? value.Integer : value.Number;
                // Of a card without any event SQL counts none, and here nothing is known.
                if (joined[row][feature].Status == FeatureStatus.NotFound && expected[row][feature] is 0) continue;
                if (number != expected[row][feature])
                    throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{what}: row {row} has {number} as feature {feature}, and DuckDB says {expected[row][feature]}; a rate would mean nothing."));
            }
        }
    }
}
