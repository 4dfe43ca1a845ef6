using EventFeatures.Core.Events;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// All that the online view keeps of one entity: the recent rows, and what older rows came to. A value read from
/// it has the same bits as one folded from the entity's whole history, or it is not given at all.
/// Not safe for concurrent use; the owner locks it.
/// </summary>
public sealed class EntityState
{
    /// <summary>The entity's key.</summary>
    public string EntityKey { get; } = "";

    /// <summary>The position of the last event that was offered, admitted or not.</summary>
    public Position LastPosition { get; }

    /// <summary>The revision of the last event that was offered, admitted or not; -1 before the first.</summary>
    public long LastRevision { get; }

    /// <summary>How many events were admitted.</summary>
    public long AdmittedCount { get; }

    /// <summary>
    /// Whether ids of admitted events are no longer all held here, so that <see cref="Offer"/> cannot tell every
    /// duplicate by itself and its caller has to ask the batch view first.
    /// </summary>
    public bool HasForgottenIds { get; }

    /// <summary>
    /// Offers the entity's next event, in the log's order. An event at or before <see cref="LastPosition"/> is a
    /// redelivery and changes nothing.
    /// </summary>
    /// <param name="row">The row.</param>
    /// <param name="knownDuplicate">Whether the batch view already holds this event id for this stream.</param>
    public Admission Offer(FeatureRow row, bool knownDuplicate = false) => throw new NotSupportedException();

    /// <summary>
    /// The features at <paramref name="asOf"/>, or <see langword="null"/> when <paramref name="asOf"/> lies too far
    /// back for what is kept here; the batch view then has the answer.
    /// </summary>
    public IReadOnlyList<FeatureValue>? TryEvaluate(Instant asOf) => throw new NotSupportedException();

    /// <summary>The canonical bytes of the state: equal states have equal bytes, whatever path led to them.</summary>
    public byte[] ToBytes() => throw new NotSupportedException();
}

/// <summary>What became of an offered event.</summary>
public enum Admission
{
    /// <summary>It counts.</summary>
    Admitted,

    /// <summary>It was delivered before; nothing changed.</summary>
    Redelivered,

    /// <summary>Its id was used by an earlier event of the stream; it does not count.</summary>
    Duplicate,

    /// <summary>It lies further behind its stream's newest event than the contract allows; it does not count.</summary>
    Late,
}
