using CsCheck;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.TrainingSets;
using EventFeatures.UnitTests.FeatureViews;
using EventFeatures.UnitTests.FeatureViews.Windows;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.TrainingSets;

/// <summary>A history that is made ready for many points gives each of them the bits that folding its rows gives.</summary>
public sealed class HistoryFoldTests
{
    private static readonly (string Aggregate, string? Of, string? Where, string? By)[] Folds =
    [
        ("count", null, null, null), ("count", "amount", "approved", null), ("sum", "amount", null, null), ("sum", "exact", "approved", null), ("sum", "count", null, null),
        ("mean", "amount", "approved", null), ("mean", "exact", null, null), ("mean", "count", null, null), ("min", "amount", null, null), ("max", "amount", "approved", null),
        ("min", "count", null, null), ("max", "occurred_at", null, null), ("max", "country", null, null), ("max", "exact", null, null), ("first", "country", null, null),
        ("last", "amount", null, null), ("seconds_since_first", null, null, null), ("seconds_since_last", "amount", "approved", null), ("stddev_samp", "amount", null, null),
        ("distinct_count", "country", null, null), ("median", "exact", null, null), ("sum", "amount", null, "country"), ("last", "count", null, "country"),
    ];

    private static readonly Gen<IReadOnlyList<RecordedEvent>> Histories = Gen.OneOf(WindowSamples.Streams, Streams.Any);

    [Fact]
    public void Points_of_one_history_get_the_bits_that_each_gets_alone() =>
        Gen.Select(WindowSamples.Any.Array[2], Gen.OneOf("20m", "5h", "1d").Array[2], Histories, WindowSamples.Instants.Array[1, 12], Gen.OneOf<string?>(null, "2d")).Sample((windows, lengths, stream, instants, ttl) =>
        {
            Window[] all = [.. windows, .. lengths.Select(Cards.Last), Cards.Ever];
            var view = CompiledView.Compile(Cards.View(ttl, [.. Features(all)]), Cards.Contract, Cards.Card);
            var rows = view.Admit(stream).Rows;
            JoinPoint[] points = [.. instants.Concat(rows.Select(row => row.OccurredAt)).Select(at => new JoinPoint(at, null))];
            foreach (var (point, joined) in points.Zip(PointInTimeJoin.Join(view, new KnownRows(rows), points, Knowledge.Latest)))
                joined.Values.ShouldBe(view.Evaluate(rows, point.AsOf));
        }, iter: 60, threads: 1);

    private static IEnumerable<Feature> Features(Window[] windows) =>
        from window in windows.Index() from fold in Folds.Index()
        select Cards.Feature(fold.Item.Aggregate, fold.Item.Of, window.Item, fold.Item.Where, $"f{window.Index}_{fold.Index}") with { GroupBy = fold.Item.By };
}
