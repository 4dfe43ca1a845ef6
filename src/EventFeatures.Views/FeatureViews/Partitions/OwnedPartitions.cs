using EventFeatures.Core.Events;
using EventFeatures.Views.FeatureViews.Folding;

namespace EventFeatures.Views.FeatureViews.Partitions;

/// <summary>A partition that a run has claimed.</summary>
/// <param name="Partition">Which.</param>
/// <param name="Epoch">The epoch of its claim: whoever claims it later has a higher one.</param>
/// <param name="Checkpoint">The last position that it covered then; null before the first.</param>
/// <param name="Totals">Its counts then.</param>
internal sealed record LeasedPartition(int Partition, long Epoch, Position? Checkpoint, ViewTotals Totals);

/// <summary>The partitions of one run of a view, as they were claimed. A run folds them all alike, from the least checkpoint on.</summary>
internal sealed class OwnedPartitions
{
    private readonly LeasedPartition?[] _byPartition;

    /// <param name="owner">The process that claimed them.</param>
    /// <param name="leases">What it claimed.</param>
    /// <param name="count">How many partitions the view has.</param>
    /// <param name="elsewhere">What was known then of its other partitions.</param>
    public OwnedPartitions(Guid owner, IReadOnlyList<LeasedPartition> leases, int count, ForeignBacklog elsewhere)
    {
        (Owner, Leases, Elsewhere) = (owner, leases, elsewhere);
        _byPartition = new LeasedPartition?[count];
        foreach (var lease in leases) _byPartition[lease.Partition] = lease;
        Start = leases.Any(lease => lease.Checkpoint is null) ? null : leases.Min(lease => lease.Checkpoint);
        Totals = leases.Aggregate(ViewTotals.None, (sum, lease) => sum.Plus(lease.Totals));
        // What was counted before the view was divided stands at one partition, for all.
        HasNoEntities = Totals.Entities + elsewhere.Totals.Entities == 0 || leases.All(lease => lease.Checkpoint is null);
    }

    public Guid Owner { get; }

    public IReadOnlyList<LeasedPartition> Leases { get; }

    public bool IsEmpty => Leases.Count == 0;

    /// <summary>Whether nobody else has a part of the view.</summary>
    public bool IsWhole => Leases.Count == _byPartition.Length;

    /// <summary>The least checkpoint, which all have passed; null for the log's start.</summary>
    public Position? Start { get; }

    public ViewTotals Totals { get; }

    /// <summary>What was known of the view's other partitions when these were claimed.</summary>
    public ForeignBacklog Elsewhere { get; }

    /// <summary>Whether the database holds no entity of these partitions.</summary>
    public bool HasNoEntities { get; }

    public bool Has(int partition) => _byPartition[partition] is not null;

    /// <summary>Whether a partition is still as it was claimed. Under a later epoch its content is another run's, or gone.</summary>
    public bool Holds(int partition, Guid? owner, long epoch) => owner == Owner && _byPartition[partition]?.Epoch == epoch;

    /// <summary>Whether an event is for another run: its partition is not here, or had it behind it when it was claimed.</summary>
    public bool PassesOver(int partition, Position position) =>
        _byPartition[partition] is not { } lease || position <= lease.Checkpoint;

    /// <summary>The position that a partition covers once the run has reached another one.</summary>
    public Position? CoveredBy(int partition, Position? reached) => Later(_byPartition[partition]?.Checkpoint, reached);

    /// <summary>The later of two positions, where null is before the first.</summary>
    public static Position? Later(Position? left, Position? right) =>
        left is not { } one ? right : right is { } other && other > one ? other : one;
}
