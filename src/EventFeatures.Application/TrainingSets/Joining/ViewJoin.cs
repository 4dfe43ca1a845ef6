using EventFeatures.Application.TrainingSets.Spilling;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.TrainingSets;

namespace EventFeatures.Application.TrainingSets.Joining;

/// <summary>
/// Joins one view onto points that are ordered by entity: each entity's history is read once, for all of its points.
/// Several reads run at once; a short spine is one read of just its entities.
/// </summary>
internal sealed class ViewJoin(IBatchViews batch, ServiceView view, BuildTrainingSet request, Position knownAt, int pointsPerRead)
{
    /// <summary>
    /// How many rows the points that are joined together may know in all. Only where events came late does each point
    /// need a list of its own.
    /// </summary>
    private const int KnownRowsMax = 2_000_000;

    private const int PointsTogetherMax = 10_000;

    /// <summary>
    /// How many points of one entity are joined together. The check folds the history once for all of them, so they are as
    /// many as there may be unless each needs a list of its own.
    /// </summary>
    public static int PointsTogether(KnownRows known) =>
        known.IsOrdered ? PointsTogetherMax : Math.Clamp(KnownRowsMax / Math.Max(1, known.Count), 16, PointsTogetherMax);

    /// <summary>Joins all points.</summary>
    /// <param name="points">The points, by entity.</param>
    /// <param name="results">Takes what comes out, in any order.</param>
    /// <param name="findings">Hears what the leak check finds.</param>
    /// <param name="joined">Hears how many points were joined.</param>
    /// <param name="cancellation">Ends the join.</param>
    public Task RunAsync(IEnumerable<SpinePoint> points, SpillSort<ViewValues> results, FirstFinding findings, Action<int> joined, CancellationToken cancellation) =>
        Parallel.ForEachAsync(
            ReadBatch.Cut(points, pointsPerRead),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation },
            async (read, token) => await JoinAsync(read, results, findings, joined, token));

    private async Task JoinAsync(
        IReadOnlyList<SpinePoint> read, SpillSort<ViewValues> results, FirstFinding findings, Action<int> joined, CancellationToken cancellation)
    {
        var pointsOf = read.GroupBy(point => point.EntityKey, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.ToList(), StringComparer.Ordinal);
        await foreach (var entity in batch.ReadEntitiesAsync(view.Reference, [.. pointsOf.Keys], knownAt, cancellation))
            if (pointsOf.Remove(entity.EntityKey, out var points)) Join(entity.EntityKey, entity.Rows, points);
        // Entities that the view never saw have rows in the spine all the same.
        foreach (var (key, points) in pointsOf) Join(key, [], points);

        void Join(string key, IReadOnlyList<FeatureRow> history, List<SpinePoint> points)
        {
            var known = new KnownRows(history);
            foreach (var together in points.Chunk(PointsTogether(known)))
            {
                cancellation.ThrowIfCancellationRequested();
                JoinTogether(key, history, known, together, results, findings);
                joined(together.Length);
            }
        }
    }

    // The positions of recorded predictions are those that they were served from, and not the spine's own.
    private bool RestsOnLater(JoinPoint point, JoinedPoint joined) =>
        request.FromPredictionsOf is null && point.KnownAt is not null && LeakCheck.RestsOnLater(view.View, point, joined);

    private void JoinTogether(
        string key, IReadOnlyList<FeatureRow> history, KnownRows known, SpinePoint[] together, SpillSort<ViewValues> results, FirstFinding findings)
    {
        JoinPoint[] points = [.. together.Select(point => point.Point)];
        var joined = PointInTimeJoin.Join(view.View, known, points, request.Knowledge);
        var (leaks, mismatches) = (new HashSet<int>(), new HashSet<int>());
        foreach (var finding in LeakCheck.Check(view.View, key, history, points, joined, request.Knowledge))
        {
            if (finding.IsLeak) leaks.Add(finding.Point);
            if (finding.IsMismatch) mismatches.Add(finding.Point);
            findings.Add(together[finding.Point].Row, finding.Tell);
        }
        for (var i = 0; i < together.Length; i++)
            results.Add(new ViewValues(together[i].Row, joined[i].Values, leaks.Contains(i), mismatches.Contains(i), RestsOnLater(points[i], joined[i])));
    }
}

/// <summary>The finding of the first row that has any, whatever the order in which rows were checked.</summary>
internal sealed class FirstFinding
{
    private readonly Lock _gate = new();
    private long _row = long.MaxValue;
    private string _text = "";

    /// <summary>The finding for people; empty when there is none.</summary>
    public string Text => _text;

    public void Add(long row, Func<string> tell)
    {
        lock (_gate)
        {
            if (row > _row) return;
            var text = $"Row {row}: {tell()}";
            // Of one row's findings in several views the same one is told each time.
            if (row == _row && string.CompareOrdinal(text, _text) >= 0) return;
            (_row, _text) = (row, text);
        }
    }
}
