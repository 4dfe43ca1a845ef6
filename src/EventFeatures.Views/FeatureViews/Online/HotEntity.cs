using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Views.FeatureViews.Folding;

namespace EventFeatures.Views.FeatureViews.Online;

/// <summary>One entity's state in memory, with the lock that its owner owes it and its place in the write-behind.</summary>
/// <param name="state">The state.</param>
/// <param name="hasDocument">Whether it is in the database, perhaps not as it is here.</param>
internal sealed class HotEntity(EntityState state, bool hasDocument)
{
    private const int None = 0;
    private const int Asked = 1;
    private const int Given = 2;

    private readonly Lock _lock = new();
    private DirtyEntity? _dirty;
    private bool _used = true;
    private bool _read;

    // Whether what its features came to is remembered: who asks for it may be told to forget before he is told that he may.
    private volatile int _memory = None;

    public string Key => state.EntityKey;

    /// <summary>Whether no batch counts it yet; the fold's alone.</summary>
    public bool IsNew { get; set; }

    /// <summary>Whether the database has a document of it; the commit's alone.</summary>
    public bool HasDocument { get; private set; } = hasDocument;

    /// <summary>The newest event time; like the next, for the fold alone, which is the only one who changes it.</summary>
    public Instant? Newest => state.Newest;

    public bool HasForgottenIds => state.HasForgottenIds;

    /// <summary>The last event that the state holds, for whoever asks.</summary>
    public Position LastPosition
    {
        get { lock (_lock) return state.LastPosition; }
    }

    public Admission Offer(FeatureRow row, bool knownDuplicate, PendingBatch batch)
    {
        lock (_lock)
        {
            // A batch that is being committed must hold the state as of its own checkpoint, not a later one.
            if (_dirty is not null && _dirty.Batch != batch) _dirty.CaptureLocked(state);
            var admission = state.Offer(row, knownDuplicate);
            if (admission == Admission.Redelivered) return admission;
            if (_dirty?.Batch != batch) batch.Dirty.Add(_dirty = new DirtyEntity(this, batch));
            return admission;
        }
    }

    /// <summary>The values, null where the state does not reach back to <paramref name="asOf"/>, and the last event known of.</summary>
    /// <param name="asOf">The asked instant.</param>
    /// <param name="recent">Where an entity that is read asks for room to remember from then on what its features came to.</param>
    public (IReadOnlyList<FeatureValue>? Values, Position LastPosition) Evaluate(Instant asOf, RecentVectors recent)
    {
        _used = true;
        _read = true;
        // Without the lock, since it may be another entity that has to forget.
        if (_memory == None && Interlocked.CompareExchange(ref _memory, Asked, None) == None)
            Interlocked.CompareExchange(ref _memory, recent.TryAdd(this) ? Given : None, Asked);
        lock (_lock)
        {
            if (_memory == Given) state.RemembersVector = true;
            return (state.TryEvaluate(asOf), state.LastPosition);
        }
    }

    /// <summary>Whether it was read since the last time of asking.</summary>
    public bool WasRead()
    {
        var read = _read;
        _read = false;
        return read;
    }

    public void ForgetVector()
    {
        lock (_lock)
        {
            _memory = None;
            state.RemembersVector = false;
        }
    }

    public EntityImage ImageOf(DirtyEntity dirty)
    {
        lock (_lock) return dirty.ImageLocked(state);
    }

    public void Committed(DirtyEntity dirty)
    {
        HasDocument = true;
        lock (_lock)
            if (_dirty == dirty) _dirty = null;
    }

    public void Touch() => _used = true;

    /// <summary>Whether it may leave memory: its document is up to date and nobody used it since the last time of asking.</summary>
    public bool MayLeave()
    {
        if (_used)
        {
            _used = false;
            return false;
        }
        lock (_lock) return _dirty is null;
    }
}
