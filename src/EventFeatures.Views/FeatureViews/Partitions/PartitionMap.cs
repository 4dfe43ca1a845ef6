using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Folding;

namespace EventFeatures.Views.FeatureViews.Partitions;

/// <summary>Who owned which of a view's partitions when the database was last asked, and how far they were.</summary>
/// <param name="worker">This worker.</param>
/// <param name="partitions">All of the view's partitions, in order.</param>
/// <param name="share">How many of them shall be this worker's.</param>
internal sealed class PartitionMap(Guid worker, IReadOnlyList<PartitionState> partitions, int share)
{
    public IReadOnlyList<PartitionState> Partitions => partitions;

    /// <summary>
    /// Whether a run's partitions are not what they shall be: one was lost, some are above the worker's share, or
    /// some that are free would fill it.
    /// </summary>
    public bool Differs(OwnedPartitions owned)
    {
        var count = owned.Leases.Count;
        if (count > share || (count < share && partitions.Any(partition => partition.Owner is null))) return true;
        return owned.Leases.Any(lease => partitions[lease.Partition] is var stored && (stored.Owner != worker || stored.Epoch != lease.Epoch));
    }

    /// <summary>What others hold of the view, beside a run's own that is not all of it.</summary>
    public ForeignBacklog Beyond(OwnedPartitions owned)
    {
        var foreign = partitions.Where(partition => !owned.Has(partition.Partition)).ToList();
        var isLive = foreign.All(partition => partition.Backlog is { Live: true });
        return new ForeignBacklog(
            foreign.All(partition => partition.Position is not null) ? foreign.Min(partition => partition.Position) : null,
            foreign.Aggregate(ViewTotals.None, (sum, partition) => sum.Plus(partition.Totals)),
            foreign.Max(partition => Of(partition).Gap),
            foreign.Max(partition => Of(partition).Lag),
            isLive);
    }

    /// <summary>How far one partition was behind.</summary>
    public ViewBacklog BacklogOf(int partition) => Of(partitions[partition]);

    // A worker that lives gives its sign often, and its backlog is that of the sign; a free partition falls behind from its last change on.
    private static ViewBacklog Of(PartitionState partition) =>
        partition.Backlog is { } backlog ? new ViewBacklog(backlog.Gap, TimeSpan.FromSeconds(backlog.LagSeconds)) : new ViewBacklog(0, partition.Age);
}

/// <summary>How far the partitions are that other workers own, or nobody.</summary>
/// <param name="Checkpoint">The least of their checkpoints; null when one has none.</param>
/// <param name="Totals">The sum of their counts.</param>
/// <param name="Gap">How many events the one furthest behind has before it.</param>
/// <param name="Lag">How long the one furthest behind has been so.</param>
/// <param name="IsLive">Whether all have owners that have caught up.</param>
internal sealed record ForeignBacklog(Position? Checkpoint, ViewTotals Totals, long Gap, TimeSpan Lag, bool IsLive);
