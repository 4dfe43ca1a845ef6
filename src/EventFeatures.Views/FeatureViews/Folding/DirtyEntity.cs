using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Views.FeatureViews.Online;

namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>
/// An entity that a batch changed. The commit takes its state as it is or, if the next batch was about to change it, as
/// the fold captured it before. So the fold never waits for a commit and a commit never sees a later state.
/// </summary>
internal sealed class DirtyEntity(HotEntity entity, PendingBatch batch)
{
    private EntityImage? _image;

    public HotEntity Entity { get; } = entity;

    public PendingBatch Batch { get; } = batch;

    /// <summary>The state as of the batch's checkpoint.</summary>
    public EntityImage Image() => Entity.ImageOf(this);

    /// <summary>The same, called with the entity's lock held. It is not kept: a batch has too many to hold them all.</summary>
    public EntityImage ImageLocked(EntityState state) => _image ?? EntityImage.Of(state);

    /// <summary>Keeps it, since the state is about to change; called with the entity's lock held.</summary>
    public void CaptureLocked(EntityState state) => _image ??= EntityImage.Of(state);
}

/// <summary>An entity's state at one moment.</summary>
internal sealed record EntityImage(
    string Key, byte[] State, Position LastPosition, long LastRevision, Instant? AsOf, IReadOnlyList<FeatureValue>? Values)
{
    public static EntityImage Of(EntityState state) => new(
        state.EntityKey, state.ToBytes(), state.LastPosition, state.LastRevision, state.Newest, state.Newest is { } asOf ? state.TryEvaluate(asOf) : null);
}
