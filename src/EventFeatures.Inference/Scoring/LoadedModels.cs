using EventFeatures.Core.Models;

namespace EventFeatures.Inference.Scoring;

/// <summary>
/// The models that are open, by digest and number of inputs: a model of open width is another session for each.
/// One that somebody holds stays open; of the others, the longest unused are closed where all take too much memory.
/// </summary>
/// <param name="bytesMax">How many bytes may stay open unheld. The bytes of its file stand for a session's memory.</param>
internal sealed class LoadedModels(long bytesMax)
{
    private readonly Dictionary<(string Digest, int InputCount), Entry> _entries = [];
    private readonly Lock _lock = new();
    private long _uses;
    private bool _closed;

    /// <summary>Opens a model, once for all who ask, and holds it open. A failure is not kept, so that the next one tries again.</summary>
    /// <exception cref="ObjectDisposedException">All was closed.</exception>
    public async Task<IReadyModel> HoldAsync(
        (string Digest, int InputCount) key, Func<(string Digest, int InputCount), Task<OnnxModel>> open, CancellationToken cancellation)
    {
        var entry = Enter(key, open);
        try
        {
            return new Held(this, entry, await entry.Opening.WaitAsync(cancellation));
        }
        catch
        {
            Leave(entry);
            throw;
        }
    }

    /// <summary>Closes what nobody holds, and all else as soon as it is let go.</summary>
    /// <param name="patience">How long to wait for models that are just being opened.</param>
    public async Task CloseAsync(TimeSpan patience)
    {
        Entry[] entries;
        lock (_lock)
        {
            _closed = true;
            entries = [.. _entries.Values];
        }
        Task opened = Task.WhenAll(entries.Select(entry => entry.Opening)).WaitAsync(patience);
        await opened.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock) Trim();
    }

    private Entry Enter((string Digest, int InputCount) key, Func<(string Digest, int InputCount), Task<OnnxModel>> open)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (!_entries.TryGetValue(key, out var entry) || entry.Opening.IsFaulted || entry.Opening.IsCanceled)
                // Opening optimises the graph, which for a large model would hold up the caller's thread.
                _entries[key] = entry = new Entry(key, Task.Run(() => open(key)));
            entry.Holders++;
            entry.LastUse = ++_uses;
            return entry;
        }
    }

    private void Leave(Entry entry)
    {
        lock (_lock)
        {
            entry.Holders--;
            if (entry.Holders == 0) Trim();
        }
    }

    private void Trim()
    {
        // The models are few: adding them up is nothing beside a score.
        var bytes = 0L;
        foreach (var entry in _entries.Values) bytes += entry.Bytes;
        if (bytes <= bytesMax && !_closed) return;
        foreach (var entry in _entries.Values.Where(entry => entry is { Holders: 0, Opening.IsCompleted: true }).OrderBy(entry => entry.LastUse).ToArray())
        {
            if (bytes <= bytesMax && !_closed) return;
            bytes -= entry.Bytes;
            _entries.Remove(entry.Key);
            entry.Model?.Dispose();
        }
    }

    private sealed class Entry((string Digest, int InputCount) key, Task<OnnxModel> opening)
    {
        public (string Digest, int InputCount) Key => key;

        public Task<OnnxModel> Opening => opening;

        /// <summary>The model once it is open; null before, and for good where it could not be.</summary>
        public OnnxModel? Model => opening.IsCompletedSuccessfully ? opening.Result : null;

        public long Bytes => Model?.Bytes ?? 0;

        public int Holders { get; set; }

        /// <summary>When it was last asked for, as a count of all uses.</summary>
        public long LastUse { get; set; }
    }

    /// <summary>One caller's hold on a model.</summary>
    private sealed class Held(LoadedModels all, Entry entry, OnnxModel model) : IReadyModel
    {
        private int _disposed;

        public ExecutionFingerprint Fingerprint => model.Fingerprint;

        public float Score(ReadOnlySpan<float> features, CancellationToken cancellation = default)
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            return model.Score(features, cancellation);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0) all.Leave(entry);
        }
    }
}
