using System.Runtime.InteropServices;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// All that the online view keeps of one entity: the recent rows, and what older rows came to. A value read from
/// it has the same bits as one folded from the entity's whole history, or it is not given at all.
/// Not safe for concurrent use; the owner locks it.
/// </summary>
public sealed class EntityState
{
    private readonly CompiledView _view;
    private readonly RowAdmission _admission;
    private readonly List<FeatureRow> _rows = [];
    private Accumulator?[]? _sealed;

    internal EntityState(CompiledView view, string entityKey)
    {
        _view = view;
        EntityKey = entityKey;
        _admission = view.NewAdmission();
    }

    /// <summary>The entity's key.</summary>
    public string EntityKey { get; }

    /// <summary>The position of the last event that was offered, admitted or not.</summary>
    public Position LastPosition => _admission.LastPosition;

    /// <summary>The revision of the last event that was offered, admitted or not; -1 before the first.</summary>
    public long LastRevision => _admission.LastRevision;

    /// <summary>How many events were admitted.</summary>
    public long AdmittedCount => SealedCount + _rows.Count;

    /// <summary>The event time of the newest admitted event; null before the first.</summary>
    public Instant? Newest => _admission.Newest;

    /// <summary>
    /// Whether ids of admitted events are no longer all held here, so that <see cref="Offer"/> cannot tell every
    /// duplicate by itself and its caller has to ask the batch view first.
    /// </summary>
    public bool HasForgottenIds => SealedCount > 0;

    internal long SealedCount { get; private set; }

    internal Instant? SealedNewest { get; private set; }

    internal ReadOnlySpan<FeatureRow> Rows => CollectionsMarshal.AsSpan(_rows);

    /// <summary>What the rows that are no longer kept came to: a fold for each unbounded feature. Made when first needed.</summary>
    internal Accumulator?[] Sealed =>
        _sealed ??= [.. _view.Kernels.ToArray().Select(kernel => kernel.Frame.IsUnbounded ? kernel.Start() : null)];

    /// <summary>
    /// Offers the entity's next event, in the log's order. An event at or before <see cref="LastPosition"/> is a
    /// redelivery and changes nothing.
    /// </summary>
    /// <param name="row">The row.</param>
    /// <param name="knownDuplicate">Whether the batch view already holds this event id for this stream.</param>
    public Admission Offer(FeatureRow row, bool knownDuplicate = false)
    {
        if (row.EntityKey != EntityKey) throw new ArgumentException($"A row of entity '{row.EntityKey}' was offered to the state of '{EntityKey}'.", nameof(row));
        var admission = _admission.Admit(row, knownDuplicate);
        if (admission != Admission.Admitted) return admission;
        var horizon = _admission.Newest!.Value - _view.Retention.Horizon;
        if (row.OccurredAt <= horizon) Seal(row);
        else _rows.Insert(RowSearch.PlaceOf(Rows, row), row);
        Evict(horizon);
        return admission;
    }

    /// <summary>
    /// The features at <paramref name="asOf"/>, or <see langword="null"/> when <paramref name="asOf"/> lies too far
    /// back for what is kept here; the batch view then has the answer.
    /// </summary>
    public IReadOnlyList<FeatureValue>? TryEvaluate(Instant asOf)
    {
        // A row that was folded away must be in every unbounded window and in no bounded one.
        if (SealedNewest is { } newest && newest > asOf - _view.Retention.Reach) return null;
        return _view.Evaluate(Rows, asOf, HasForgottenIds ? Sealed : null, SealedNewest);
    }

    /// <summary>The canonical bytes of the state: equal states have equal bytes, whatever path led to them.</summary>
    public byte[] ToBytes() => EntityStateFormat.Write(_view, this);

    /// <summary>Takes over what the bytes of a state said.</summary>
    internal void Restore(Position lastPosition, long lastRevision, IReadOnlyCollection<FeatureRow> rows, long sealedCount, Instant? sealedNewest)
    {
        _rows.AddRange(rows);
        (SealedCount, SealedNewest) = (sealedCount, sealedNewest);
        _admission.Resume(lastPosition, lastRevision, _rows.Count > 0 ? _rows[^1].OccurredAt : sealedNewest, rows.Select(row => row.EventId));
    }

    private void Evict(Instant horizon)
    {
        var count = RowSearch.CountUntil(Rows, horizon);
        if (count == 0) return;
        foreach (var row in Rows[..count]) Seal(row);
        _rows.RemoveRange(0, count);
    }

    private void Seal(FeatureRow row)
    {
        for (var i = 0; i < Sealed.Length; i++)
            if (Sealed[i] is { } fold) _view.Kernels[i].Add(fold, row);
        SealedCount++;
        if (SealedNewest is null || row.OccurredAt > SealedNewest) SealedNewest = row.OccurredAt;
        _admission.Forget(row.EventId);
    }
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
