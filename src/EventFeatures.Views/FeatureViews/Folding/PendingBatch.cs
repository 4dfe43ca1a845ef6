using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Storage;

namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>
/// What was folded since the last commit: rows, changed entities, refused events and the checkpoint that covers them.
/// Guarded by the gate of <see cref="WriteBehind"/> while open; afterwards only the commit reads it.
/// </summary>
/// <param name="after">The checkpoint that the database must hold before this batch.</param>
/// <param name="totals">The view's counts before this batch.</param>
internal sealed class PendingBatch(Position? after, ViewTotals totals)
{
    private readonly TaskCompletionSource _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Position? After { get; } = after;

    public Position? Checkpoint { get; set; } = after;

    public ViewTotals Totals { get; set; } = totals;

    public List<FeatureRow> Rows { get; } = [];

    public List<DirtyEntity> Dirty { get; } = [];

    /// <summary>The facts of each stream that it changed; of views whose entities are not streams.</summary>
    public Dictionary<StreamKey, StreamFacts> Streams { get; } = [];

    /// <summary>The admitted events that have no row, likewise.</summary>
    public List<(StreamKey Stream, Guid EventId)> Rowless { get; } = [];

    public List<RefusedEvent> Refused { get; } = [];

    /// <summary>The admitted events by stream and id, for the search for duplicates.</summary>
    public HashSet<AdmittedId> Ids { get; } = [];

    /// <summary>The batches of a run count upwards from 1.</summary>
    public long Number { get; init; } = 1;

    /// <summary>What it adds to the counts of each partition.</summary>
    public Dictionary<int, ViewTotals> Added { get; } = [];

    /// <summary>How many events it covers, whatever became of them; one that gave several rows counts for each.</summary>
    public int EventCount { get; set; }

    /// <summary>The first event with an effect; null while it holds no more than a checkpoint.</summary>
    public Position? FirstEffect { get; set; }

    /// <summary>When its first message was folded, by the clock's timestamp; null while empty.</summary>
    public long? OpenedAt { get; set; }

    public bool IsEmpty => Checkpoint == After;

    /// <summary>Whether a change at or before a position is in here, not yet in the database.</summary>
    public bool Holds(Position position) => FirstEffect <= position;

    /// <summary>Puts what the counts have grown by since <paramref name="before"/> down to a partition.</summary>
    public void Attribute(int partition, ViewTotals before)
    {
        if (before == Totals) return;
        Added[partition] = Totals.Less(before).Plus(Added.GetValueOrDefault(partition));
    }

    /// <summary>The entities that it changed, for the projection.</summary>
    public EntitiesChanged Changes() => new(
        Dirty.Where(dirty => !dirty.Entity.HasDocument).Select(dirty => dirty.Image()),
        Dirty.Where(dirty => dirty.Entity.HasDocument).Select(dirty => dirty.Image()));

    /// <summary>Completes with the commit.</summary>
    public Task Committed => _committed.Task;

    public void Complete() => _committed.TrySetResult();

    public void Abandon(Exception reason)
    {
        _committed.TrySetException(reason);
        _ = _committed.Task.Exception; // Observed here: nobody may be waiting.
    }
}

/// <summary>Counts since a view's first event: of all of it, or of some of its partitions.</summary>
internal readonly record struct ViewTotals(long Entities, long Events, long Quarantined, long Duplicates, long Unkeyed)
{
    public static ViewTotals None => default;

    public ViewTotals Plus(ViewTotals other) => new(
        Entities + other.Entities, Events + other.Events, Quarantined + other.Quarantined, Duplicates + other.Duplicates, Unkeyed + other.Unkeyed);

    public ViewTotals Less(ViewTotals other) => new(
        Entities - other.Entities, Events - other.Events, Quarantined - other.Quarantined, Duplicates - other.Duplicates, Unkeyed - other.Unkeyed);
}
