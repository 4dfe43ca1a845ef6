using System.Runtime.CompilerServices;
using EventFeatures.Core.Events;

namespace EventFeatures.IntegrationTests.FeatureViews;

/// <summary>
/// A log whose filtered subscriptions send no checkpoints, as a real server's do for a long time, and whose messages
/// can be held back or delivered twice.
/// </summary>
internal sealed class SilentLog(IEventLog log) : IEventLog
{
    private readonly SemaphoreSlim _reads = new(0);
    private volatile TaskCompletionSource _open = Opened();

    /// <summary>From which events of the subscription on each is delivered a second time; null for none.</summary>
    public bool DeliversTwice { get; init; }

    /// <summary>The prefix of the streams of which nothing is delivered; null for none.</summary>
    public string? Withholds { get; init; }

    /// <summary>Where the last subscription began.</summary>
    public FromAll? SubscribedFrom { get; private set; }

    public void Hold() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waits until the log was read so many times more than were waited for before; whether it was, within the deadline.</summary>
    public async Task<bool> WasReadAsync(int times, TimeSpan deadline)
    {
        for (; times > 0; times--)
            if (!await _reads.WaitAsync(deadline)) return false;
        return true;
    }

    public void Release() => _open.TrySetResult();

    public Task<AppendResult> AppendToStreamAsync(string stream, StreamState expected, IReadOnlyList<EventData> events, CancellationToken cancellation = default) =>
        log.AppendToStreamAsync(stream, expected, events, cancellation);

    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        string stream, ReadDirection direction = ReadDirection.Forwards, long? fromRevision = null, long countMax = long.MaxValue,
        bool resolveLinks = false, CancellationToken cancellation = default) =>
        log.ReadStreamAsync(stream, direction, fromRevision, countMax, resolveLinks, cancellation);

    public IAsyncEnumerable<RecordedEvent> ReadAllAsync(
        ReadDirection direction, Position from, EventFilter? filter = null, long countMax = long.MaxValue, CancellationToken cancellation = default)
    {
        _reads.Release();
        return log.ReadAllAsync(direction, from, filter, countMax, cancellation);
    }

    public async IAsyncEnumerable<LogMessage> SubscribeToAll(FromAll from, EventFilter? filter = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        SubscribedFrom = from;
        if (Withholds is { } prefix && filter?.StreamPrefixes.Contains(prefix) == true) await Task.Delay(Timeout.Infinite, cancellation);
        await foreach (var message in log.SubscribeToAll(from, filter, cancellation))
        {
            await _open.Task.WaitAsync(cancellation);
            if (message is LogMessage.Checkpoint) continue;
            yield return message;
            if (DeliversTwice && message is LogMessage.Event) yield return message;
        }
    }

    public IAsyncEnumerable<LogMessage> SubscribeToStream(string stream, FromStream from, bool resolveLinks = false, CancellationToken cancellation = default) =>
        log.SubscribeToStream(stream, from, resolveLinks, cancellation);

    public Task<Position> DeleteStreamAsync(string stream, StreamState expected, CancellationToken cancellation = default) =>
        log.DeleteStreamAsync(stream, expected, cancellation);

    public Task<Position> TombstoneStreamAsync(string stream, StreamState expected, CancellationToken cancellation = default) =>
        log.TombstoneStreamAsync(stream, expected, cancellation);

    public Task<StreamMetadataAt> GetStreamMetadataAsync(string stream, CancellationToken cancellation = default) =>
        log.GetStreamMetadataAsync(stream, cancellation);

    public Task<AppendResult> SetStreamMetadataAsync(string stream, StreamState expected, StreamMetadata metadata, CancellationToken cancellation = default) =>
        log.SetStreamMetadataAsync(stream, expected, metadata, cancellation);

    public Task<Position?> ReadHeadAsync(CancellationToken cancellation = default) => log.ReadHeadAsync(cancellation);

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }
}
