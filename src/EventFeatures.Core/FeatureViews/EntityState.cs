using System.Runtime.InteropServices;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews.Windows.Pasts;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// All that the online view keeps of one entity: the recent rows, and what older rows came to. A value read from
/// it has the same bits as one folded from the entity's whole history, or it is not given at all.
/// Not safe for concurrent use; the owner locks it.
/// </summary>
public sealed class EntityState
{
    /// <summary>
    /// The version of the bytes of a state. States of another version are not read: whoever keeps them folds the log
    /// again, so that equal histories have equal bytes whichever software met them first.
    /// </summary>
    public const byte FormatVersion = 2;

    private readonly CompiledView _view;
    private readonly RowAdmission _admission;
    private readonly List<FeatureRow> _rows = [];
    private VectorMemory? _memory;

    internal EntityState(CompiledView view, string entityKey)
    {
        _view = view;
        EntityKey = entityKey;
        _admission = view.NewAdmission();
        Past = new EntityPast(view);
    }

    /// <summary>The entity's key.</summary>
    public string EntityKey { get; }

    /// <summary>The position of the last event that was offered, admitted or not.</summary>
    public Position LastPosition => _admission.LastPosition;

    /// <summary>The revision of the last event that was offered, admitted or not; -1 before the first.</summary>
    public long LastRevision => _admission.LastRevision;

    /// <summary>How many events were admitted.</summary>
    public long AdmittedCount => Past.Count + _rows.Count;

    /// <summary>The event time of the newest admitted event; null before the first.</summary>
    public Instant? Newest => _admission.Newest;

    /// <summary>
    /// Whether ids of admitted events are no longer all held here, so that <see cref="Offer"/> cannot tell every
    /// duplicate by itself and its caller has to ask the batch view first.
    /// </summary>
    public bool HasForgottenIds => Past.Count > 0;

    /// <summary>
    /// Whether what the features came to is kept, so that what did not change since is not folded again when they are
    /// asked for. It makes reading faster and costs about 50 bytes a feature; the values are the same.
    /// </summary>
    public bool RemembersVector
    {
        get => _memory is not null;
        set => _memory = value ? _memory ?? _view.NewMemory() : null;
    }

    internal ReadOnlySpan<FeatureRow> Rows => CollectionsMarshal.AsSpan(_rows);

    /// <summary>What the rows that are no longer kept came to.</summary>
    internal EntityPast Past { get; }

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
        _memory?.Clear();
        _rows.Insert(RowSearch.PlaceOf(Rows, row), row);
        Evict();
        return admission;
    }

    /// <summary>
    /// The features at <paramref name="asOf"/>, or <see langword="null"/> when what is kept here does not tell one of
    /// them; the batch view then has the answer. That is so when <paramref name="asOf"/> lies too far back or, for
    /// sessions and windows since a condition, after an event that came very late.
    /// </summary>
    public IReadOnlyList<FeatureValue>? TryEvaluate(Instant asOf)
    {
        var values = new FeatureValue[_view.View.Features.Count];
        return TryEvaluate(asOf, values) ? values : null;
    }

    /// <summary>As <see cref="TryEvaluate(Instant)"/>, into values of the caller's.</summary>
    internal bool TryEvaluate(Instant asOf, Span<FeatureValue> values) => Past.Precedes(asOf) && _view.TryEvaluate(Rows, asOf, Past, _memory, values);

    /// <summary>The canonical bytes of the state: equal states have equal bytes, whatever path led to them.</summary>
    public byte[] ToBytes() => EntityStateFormat.Write(_view, this);

    /// <summary>Takes over what the bytes of a state said, once its past has been read.</summary>
    internal void Restore(Position lastPosition, long lastRevision, IReadOnlyCollection<FeatureRow> rows)
    {
        _rows.AddRange(rows);
        _admission.Resume(lastPosition, lastRevision, _rows.Count > 0 ? _rows[^1].OccurredAt : null, rows.Select(row => row.EventId));
        if (Newest is { } newest) Past.Forget(newest - _view.Retention.Slack);
    }

    private void Evict()
    {
        var asOfMin = Newest!.Value - _view.Retention.Slack;
        var count = _view.Retention.CountUnneeded(Rows, asOfMin);
        foreach (var row in Rows[..count])
        {
            Past.Add(row);
            _admission.Forget(row.EventId);
        }
        _rows.RemoveRange(0, count);
        Past.Forget(asOfMin);
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
