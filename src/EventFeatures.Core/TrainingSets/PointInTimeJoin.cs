using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.FeatureViews.Runs;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.TrainingSets;

/// <summary>Gives each point in time the features that could really have been seen then.</summary>
public static class PointInTimeJoin
{
    private const int RowsPerPointMax = 50;

    // How many inputs of one entity's rows are kept in tables at most, at about 100 bytes each.
    private const long TableInputsMax = 1_000_000;

    /// <summary>The features of one entity at each point: points out are points in, in order, duplicates kept.</summary>
    /// <param name="view">The view.</param>
    /// <param name="rows">The entity's admitted rows.</param>
    /// <param name="points">The instants asked about.</param>
    /// <param name="knowledge">Which rows a point may know that does not state it.</param>
    public static IReadOnlyList<JoinedPoint> Join(CompiledView view, KnownRows rows, IReadOnlyList<JoinPoint> points, Knowledge knowledge)
    {
        var joined = new JoinedPoint[points.Count];
        var history = IsWorthTables(view, rows.Count, points.Count) ? rows.HistoryOf(view) : null;
        var vectors = new VectorBlocks(view.View.Features.Count, points.Count);
        var folded = new FeatureValue[view.View.Features.Count];
        for (var i = 0; i < joined.Length; i++)
        {
            var known = Known(rows, points[i], knowledge);
            var values = history is not null && rows.IsFirstPart(known) ? history.Evaluate(known.Count, points[i].AsOf, vectors) : Fold(known, points[i].AsOf);
            joined[i] = new JoinedPoint(values, known);
        }
        return joined;

        IReadOnlyList<FeatureValue> Fold(IReadOnlyList<FeatureRow> known, Instant asOf)
        {
            view.Evaluate(known, asOf, folded);
            return vectors.Add(folded);
        }
    }

    // Few points of a long history each look at few rows, and tables would look at all of them.
    private static bool IsWorthTables(CompiledView view, int rows, int points) =>
        rows > 0 && rows <= (long)points * RowsPerPointMax && (long)rows * view.InputsPerRow <= TableInputsMax;

    // An event recorded after the point is a leak even when it describes the past.
    private static IReadOnlyList<FeatureRow> Known(KnownRows rows, JoinPoint point, Knowledge knowledge) =>
        point.KnownAt is { } position ? rows.UpTo(position)
        : knowledge == Knowledge.Recorded ? rows.RecordedBy(point.AsOf)
        : rows.All;
}

/// <summary>An instant asked about.</summary>
/// <param name="AsOf">The instant <c>T</c>.</param>
/// <param name="KnownAt">The position <c>P</c>, where it is stated; it then says alone what was known.</param>
public readonly record struct JoinPoint(Instant AsOf, Position? KnownAt);

/// <summary>The features at a point.</summary>
/// <param name="Values">In the order of the view's features.</param>
/// <param name="Known">The rows that they were folded from, in fold order; some may lie after the point or outside a window.</param>
public readonly record struct JoinedPoint(IReadOnlyList<FeatureValue> Values, IReadOnlyList<FeatureRow> Known);
