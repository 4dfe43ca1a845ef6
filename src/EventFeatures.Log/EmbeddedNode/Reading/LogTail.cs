using EventFeatures.Log.EmbeddedNode.Storage;

namespace EventFeatures.Log.EmbeddedNode.Reading;

/// <summary>
/// The newest committed events, in memory, for whoever follows the log. Readers pull from it at their own pace
/// and hold no queue of their own: one that falls behind its start reads storage instead.
/// </summary>
internal sealed class LogTail(long bytesMax)
{
    private readonly Lock _gate = new();
    private StoredEvent[] _ring = new StoredEvent[1024];
    private long _first = 1;
    private long _head;
    private long _bytes;
    private TaskCompletionSource _moved = New();

    /// <summary>The position of the last committed event; 0 when there is none.</summary>
    public long Head { get { lock (_gate) return _head; } }

    /// <summary>Starts anew after an event that is in storage; followers catch up from there.</summary>
    public void Reset(long head)
    {
        TaskCompletionSource moved;
        lock (_gate)
        {
            Array.Clear(_ring);
            _bytes = 0;
            _head = head;
            _first = head + 1;
            (moved, _moved) = (_moved, New());
        }
        moved.TrySetResult();
    }

    /// <summary>Lets go of the events so far, which are in storage, or were removed from it; followers find there what is left.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            Array.Clear(_ring);
            _bytes = 0;
            _first = _head + 1;
        }
    }

    /// <summary>Adds committed events, which continue where the last ended, and wakes all who wait.</summary>
    public void Publish(List<Writing.AppendRequest> committed)
    {
        TaskCompletionSource moved;
        lock (_gate)
        {
            foreach (var request in committed)
                foreach (var recorded in request.Events) Add(recorded);
            while (_bytes > bytesMax && _first < _head) RemoveFirst();
            (moved, _moved) = (_moved, New());
        }
        moved.TrySetResult();
    }

    /// <summary>
    /// Copies events from a position on, up to the one that makes as many bytes as a page of storage has. False when the position lies before the tail, so that only storage
    /// has it; true with a count of 0 when there is nothing yet.
    /// </summary>
    public bool TryRead(long from, StoredEvent[] into, out int count)
    {
        lock (_gate)
        {
            count = 0;
            if (from < _first) return from > _head;
            for (long bytes = 0; count < into.Length && from + count <= _head && bytes < EventPage.BytesMax; count++)
            {
                var recorded = _ring[(from + count) & (_ring.Length - 1)];
                bytes += recorded.Bytes;
                into[count] = recorded;
            }
            return true;
        }
    }

    /// <summary>Completes once the log has reached a position.</summary>
    public async Task WaitForAsync(long position, CancellationToken cancellation)
    {
        while (true)
        {
            Task moved;
            lock (_gate)
            {
                if (_head >= position) return;
                moved = _moved.Task;
            }
            await moved.WaitAsync(cancellation);
        }
    }

    private void Add(StoredEvent recorded)
    {
        if (_head + 1 - _first >= _ring.Length) Grow();
        _head = recorded.Position;
        _ring[_head & (_ring.Length - 1)] = recorded;
        _bytes += recorded.Bytes;
    }

    private void RemoveFirst()
    {
        var slot = _first++ & (_ring.Length - 1);
        _bytes -= _ring[slot].Bytes;
        _ring[slot] = null!;
    }

    private void Grow()
    {
        var larger = new StoredEvent[_ring.Length * 2];
        for (var position = _first; position <= _head; position++)
            larger[position & (larger.Length - 1)] = _ring[position & (_ring.Length - 1)];
        _ring = larger;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
