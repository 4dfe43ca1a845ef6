namespace EventFeatures.Application.TrainingSets.Joining;

/// <summary>Points that one read of the batch view serves: some entities with all of their points or, of one that has very many, a part of them.</summary>
internal static class ReadBatch
{
    /// <summary>How many times a batch's usual size one entity's points may make it.</summary>
    private const int OneEntityFactor = 10;

    /// <summary>Cuts points that are ordered by entity. Each batch has at least one point.</summary>
    public static IEnumerable<IReadOnlyList<SpinePoint>> Cut(IEnumerable<SpinePoint> points, int pointsMax)
    {
        var batch = new List<SpinePoint>();
        foreach (var point in points)
        {
            var isFull = batch.Count >= pointsMax && batch[^1].EntityKey != point.EntityKey;
            if (isFull || batch.Count >= (long)pointsMax * OneEntityFactor)
            {
                yield return batch;
                batch = [];
            }
            batch.Add(point);
        }
        if (batch.Count > 0) yield return batch;
    }
}
