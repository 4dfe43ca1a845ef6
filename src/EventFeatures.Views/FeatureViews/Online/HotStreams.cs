using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Folding;

namespace EventFeatures.Views.FeatureViews.Online;

/// <summary>
/// The streams of one view whose facts are in memory, at most so many. The fold's alone: nobody reads them, and a
/// commit is given the facts themselves, which never change.
/// </summary>
/// <param name="streamsMax">How many stay; those with uncommitted changes stay in any case.</param>
/// <param name="complete">Whether the database holds no stream that is not here.</param>
internal sealed class HotStreams(int streamsMax, bool complete)
{
    private readonly Dictionary<StreamKey, HotStream> _streams = [];
    private readonly Queue<HotStream> _clock = new();

    /// <summary>Whether a stream that is not here has shown nothing yet.</summary>
    public bool IsComplete { get; private set; } = complete;

    public HotStream? Find(StreamKey key)
    {
        var found = _streams.GetValueOrDefault(key);
        found?.Touch();
        return found;
    }

    public HotStream Add(StreamKey key, StreamFacts facts)
    {
        var stream = new HotStream(key, facts);
        _streams.Add(key, stream);
        _clock.Enqueue(stream);
        return stream;
    }

    /// <summary>Makes room by the clock algorithm: a stream used since the last round gets another one.</summary>
    /// <param name="committed">The last batch that is in the database.</param>
    public void Trim(long committed)
    {
        for (var looks = 2 * _clock.Count; looks > 0 && _streams.Count > streamsMax; looks--)
        {
            var stream = _clock.Dequeue();
            if (!stream.MayLeave(committed))
            {
                _clock.Enqueue(stream);
                continue;
            }
            _streams.Remove(stream.Key);
            IsComplete = false;
        }
    }
}

/// <summary>One stream's facts in memory, and the last batch that changed them.</summary>
internal sealed class HotStream(StreamKey key, StreamFacts facts)
{
    private long _changedIn;
    private bool _used = true;

    public StreamKey Key { get; } = key;

    public StreamFacts Facts { get; private set; } = facts;

    public void Become(StreamFacts next, PendingBatch batch)
    {
        Facts = next;
        _changedIn = batch.Number;
        batch.Streams[Key] = next;
    }

    public void Touch() => _used = true;

    /// <summary>Whether the database has its facts and nobody used it since the last time of asking.</summary>
    public bool MayLeave(long committed)
    {
        var used = _used;
        _used = false;
        return !used && _changedIn <= committed;
    }
}
