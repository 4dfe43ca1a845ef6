using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.TrainingSets;

/// <summary>
/// Checks a join by another way than the join's own: events are offered in the log's order to the state that serves
/// online, and only those that were known at a point are in it when the point is asked for.
/// </summary>
public static class LeakCheck
{
    /// <summary>Checks every point of one entity.</summary>
    /// <param name="view">The view.</param>
    /// <param name="entityKey">The entity.</param>
    /// <param name="rows">The entity's admitted rows, in fold order.</param>
    /// <param name="points">The points, in any order.</param>
    /// <param name="joined">What the join gave for each of them.</param>
    /// <param name="knowledge">Which rows a point may know that does not state it.</param>
    public static IReadOnlyList<LeakFinding> Check(
        CompiledView view, string entityKey, IReadOnlyList<FeatureRow> rows,
        IReadOnlyList<JoinPoint> points, IReadOnlyList<JoinedPoint> joined, Knowledge knowledge)
    {
        var findings = new List<LeakFinding>();
        var isOrdered = IsOrdered(rows);
        var fold = new Refold(view, entityKey, [.. rows.OrderBy(row => row.Position)], knowledge);
        var needed = new int[points.Count];
        for (var i = 0; i < needed.Length; i++) needed[i] = fold.NeededCount(points[i]);
        foreach (var index in Enumerable.Range(0, points.Count).OrderBy(index => needed[index]).ThenBy(index => points[index].AsOf))
        {
            var (point, given) = (points[index], joined[index]);
            var leak = FindLeak(view, point, given, isOrdered);
            var refolded = fold.Evaluate(point, needed[index]);
            var differing = FindDiffering(refolded, given.Values);
            if (leak is not null || differing >= 0) findings.Add(Finding(view, entityKey, index, point, leak, differing, given.Values, differing < 0 ? Value.Null : refolded[differing].Value));
        }
        return findings;
    }

    /// <summary>
    /// Whether a value at a point rests on an event that was recorded after the point's instant. A stated position allows
    /// it, so that it is no leak; but a model that is trained on such a row has seen what nobody could see then.
    /// </summary>
    /// <param name="view">The view.</param>
    /// <param name="point">The point.</param>
    /// <param name="joined">What the join gave for it.</param>
    public static bool RestsOnLater(CompiledView view, JoinPoint point, JoinedPoint joined)
    {
        if (!joined.Known.Any(IsLater)) return false;
        for (var feature = 0; feature < view.View.Features.Count; feature++)
            if (view.FindContributing(feature, joined.Known, point.AsOf, IsLater) is not null) return true;
        return false;

        bool IsLater(FeatureRow row) => row.RecordedAt > point.AsOf;
    }

    private static LeakFinding Finding(
        CompiledView view, string entityKey, int index, JoinPoint point, FeatureRow? leak, int differing, IReadOnlyList<FeatureValue> joined, Value refolded) =>
        new(index, leak is not null, differing >= 0, () => leak is not null
            ? $"{view.View.Reference} of '{entityKey}' at {point.AsOf} rests on event {leak.EventId} at position {leak.Position}, recorded at {leak.RecordedAt}."
            : $"{view.View.Reference} of '{entityKey}' at {point.AsOf}: '{view.View.Features[differing].Name}' is {joined[differing].Value}, but refolding gives {refolded}.");

    /// <summary>The first feature whose bits differ; -1 where none does.</summary>
    private static int FindDiffering(ReadOnlySpan<FeatureValue> refolded, IReadOnlyList<FeatureValue> joined)
    {
        for (var feature = 0; feature < refolded.Length; feature++)
            if (refolded[feature] != joined[feature]) return feature;
        return -1;
    }

    /// <summary>An event that a value rests on though it was not known at the point.</summary>
    private static FeatureRow? FindLeak(CompiledView view, JoinPoint point, JoinedPoint joined, bool isOrdered)
    {
        // Where position and recording follow the fold order, the last row was recorded last.
        if (joined.Known.Count == 0 || !(isOrdered ? IsUnknown(joined.Known[^1]) : joined.Known.Any(IsUnknown))) return null;
        for (var feature = 0; feature < view.View.Features.Count; feature++)
            if (view.FindContributing(feature, joined.Known, point.AsOf, IsUnknown) is { } leak) return leak;
        return null;

        bool IsUnknown(FeatureRow row) => point.KnownAt is { } position ? row.Position > position : row.RecordedAt > point.AsOf;
    }

    private static bool IsOrdered(IReadOnlyList<FeatureRow> rows)
    {
        for (var i = 1; i < rows.Count; i++)
            if (rows[i].Position < rows[i - 1].Position || rows[i].RecordedAt < rows[i - 1].RecordedAt || rows[i].OccurredAt < rows[i - 1].OccurredAt) return false;
        return true;
    }

    /// <summary>Refolds points of which each needs more than the one before, offering each event once where the order of the events allows it.</summary>
    private sealed class Refold(CompiledView view, string entityKey, FeatureRow[] rows, Knowledge knowledge)
    {
        private const int OfferedAfreshMax = 256;

        private readonly bool _isRecordedInOrder = IsInOrder(rows, (earlier, later) => later.RecordedAt >= earlier.RecordedAt);
        private readonly Instant[] _earliestFrom = EarliestFrom(rows);
        private readonly FeatureRow[] _inFoldOrder = [.. rows.Order(FeatureRow.FoldOrder)];
        private readonly FeatureValue[] _values = new FeatureValue[view.View.Features.Count];
        private EntityState _state = view.NewState(entityKey);
        private int _offered;

        /// <summary>How many rows a point needs: those that it knows and, where that is a first part of them, no more than hold all that are not after it.</summary>
        public int NeededCount(JoinPoint point)
        {
            if (!_isRecordedInOrder && point.KnownAt is null && knowledge == Knowledge.Recorded) return rows.Count(row => Knows(point, row));
            return CountWhile(index => Knows(point, rows[index]) && _earliestFrom[index] <= point.AsOf);
        }

        /// <summary>The features at a point that needs so many rows, until the next one is asked about.</summary>
        public ReadOnlySpan<FeatureValue> Evaluate(JoinPoint point, int needed)
        {
            var isPrefix = _isRecordedInOrder || point.KnownAt is not null || knowledge == Knowledge.Latest;
            if (!isPrefix || !TryContinue(point, needed)) Afresh(point);
            return _values;
        }

        private bool TryContinue(JoinPoint point, int needed)
        {
            if (needed < _offered) (_state, _offered) = (view.NewState(entityKey), 0);
            for (; _offered < needed; _offered++) _state.Offer(rows[_offered]);
            return _state.TryEvaluate(point.AsOf, _values);
        }

        private int CountWhile(Func<int, bool> holds)
        {
            var (low, high) = (0, rows.Length);
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                if (holds(middle)) low = middle + 1;
                else high = middle;
            }
            return low;
        }

        /// <summary>
        /// Without the rows after the point, which pass out of no window then. Where events came so late that a state
        /// cannot tell what they joined, the rows themselves are asked, as a server asks the batch view; and also where
        /// they are so many that offering them anew for each point would take hours.
        /// </summary>
        private void Afresh(JoinPoint point)
        {
            var known = _inFoldOrder.Where(row => row.OccurredAt <= point.AsOf && Knows(point, row)).ToList();
            if (known.Count <= OfferedAfreshMax)
            {
                var state = view.NewState(entityKey);
                foreach (var row in known.OrderBy(row => row.Position)) state.Offer(row);
                if (state.TryEvaluate(point.AsOf, _values)) return;
            }
            view.Evaluate(known, point.AsOf, _values);
        }

        private bool Knows(JoinPoint point, FeatureRow row) =>
            point.KnownAt is { } position ? row.Position <= position
            : knowledge == Knowledge.Latest || row.RecordedAt <= point.AsOf;

        // Of the rows from each on, the earliest time: beyond the last that is not after a point, none matters to it.
        private static Instant[] EarliestFrom(FeatureRow[] rows)
        {
            var earliest = new Instant[rows.Length];
            for (var i = rows.Length - 1; i >= 0; i--)
                earliest[i] = i + 1 < rows.Length && earliest[i + 1] < rows[i].OccurredAt ? earliest[i + 1] : rows[i].OccurredAt;
            return earliest;
        }

        private static bool IsInOrder(FeatureRow[] rows, Func<FeatureRow, FeatureRow, bool> follows)
        {
            for (var i = 1; i < rows.Length; i++)
                if (!follows(rows[i - 1], rows[i])) return false;
            return true;
        }
    }
}

/// <summary>What is wrong with one point.</summary>
/// <param name="Point">The point's index.</param>
/// <param name="IsLeak">Whether a value rests on an event that was not known then.</param>
/// <param name="IsMismatch">Whether refolding gives other bits.</param>
/// <param name="Tell">Tells the finding for people.</param>
public sealed record LeakFinding(int Point, bool IsLeak, bool IsMismatch, Func<string> Tell);
