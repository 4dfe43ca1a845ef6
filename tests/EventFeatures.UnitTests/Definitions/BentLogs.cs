using EventFeatures.Core.Events;
using Microsoft.Extensions.Time.Testing;

namespace EventFeatures.UnitTests.Definitions;

/// <summary>A log whose appends go wrong in one way; all else is the log's own.</summary>
internal abstract class BentLog(IEventLog log) : IEventLog
{
    protected IEventLog Log { get; } = log;

    public abstract Task<AppendResult> AppendToStreamAsync(
        string stream, StreamState expected, IReadOnlyList<EventData> events, CancellationToken cancellation = default);

    public virtual IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        string stream, ReadDirection direction = ReadDirection.Forwards, long? fromRevision = null, long countMax = long.MaxValue,
        bool resolveLinks = false, CancellationToken cancellation = default) =>
        Log.ReadStreamAsync(stream, direction, fromRevision, countMax, resolveLinks, cancellation);

    public IAsyncEnumerable<RecordedEvent> ReadAllAsync(
        ReadDirection direction, Position from, EventFilter? filter = null, long countMax = long.MaxValue, CancellationToken cancellation = default) =>
        Log.ReadAllAsync(direction, from, filter, countMax, cancellation);

    public virtual IAsyncEnumerable<LogMessage> SubscribeToAll(FromAll from, EventFilter? filter = null, CancellationToken cancellation = default) =>
        Log.SubscribeToAll(from, filter, cancellation);

    public IAsyncEnumerable<LogMessage> SubscribeToStream(string stream, FromStream from, bool resolveLinks = false, CancellationToken cancellation = default) =>
        Log.SubscribeToStream(stream, from, resolveLinks, cancellation);

    public Task<Position> DeleteStreamAsync(string stream, StreamState expected, CancellationToken cancellation = default) =>
        Log.DeleteStreamAsync(stream, expected, cancellation);

    public Task<Position> TombstoneStreamAsync(string stream, StreamState expected, CancellationToken cancellation = default) =>
        Log.TombstoneStreamAsync(stream, expected, cancellation);

    public Task<StreamMetadataAt> GetStreamMetadataAsync(string stream, CancellationToken cancellation = default) =>
        Log.GetStreamMetadataAsync(stream, cancellation);

    public Task<AppendResult> SetStreamMetadataAsync(string stream, StreamState expected, StreamMetadata metadata, CancellationToken cancellation = default) =>
        Log.SetStreamMetadataAsync(stream, expected, metadata, cancellation);

    public Task<Position?> ReadHeadAsync(CancellationToken cancellation = default) => Log.ReadHeadAsync(cancellation);
}

/// <summary>Somebody else appends to a stream right before each append to it.</summary>
internal sealed class RacingLog(IEventLog log, string contested) : BentLog(log)
{
    public override async Task<AppendResult> AppendToStreamAsync(
        string stream, StreamState expected, IReadOnlyList<EventData> events, CancellationToken cancellation = default)
    {
        if (stream == contested)
            await Log.AppendToStreamAsync(stream, expected, [events[0] with { EventId = Guid.NewGuid() }], cancellation);
        return await Log.AppendToStreamAsync(stream, expected, events, cancellation);
    }
}

/// <summary>One append does not get through.</summary>
internal sealed class FailingLog(IEventLog log, int failingAppend) : BentLog(log)
{
    private int _appends;

    public override Task<AppendResult> AppendToStreamAsync(
        string stream, StreamState expected, IReadOnlyList<EventData> events, CancellationToken cancellation = default) =>
        ++_appends == failingAppend
            ? throw new LogUnavailableException("The log is away.")
            : Log.AppendToStreamAsync(stream, expected, events, cancellation);
}

/// <summary>Somebody else does something right before the first append.</summary>
internal sealed class OvertakenLog(IEventLog log, Func<Task> overtake) : BentLog(log)
{
    private bool _isOvertaken;

    public override async Task<AppendResult> AppendToStreamAsync(
        string stream, StreamState expected, IReadOnlyList<EventData> events, CancellationToken cancellation = default)
    {
        if (!_isOvertaken)
        {
            _isOvertaken = true;
            await overtake();
        }
        return await Log.AppendToStreamAsync(stream, expected, events, cancellation);
    }
}

/// <summary>A subscription looks for the log for a while and does not find it.</summary>
internal sealed class AwayLog(IEventLog log, FakeTimeProvider time, TimeSpan looksFor) : BentLog(log)
{
    public int Looked { get; private set; }

    public override IAsyncEnumerable<LogMessage> SubscribeToAll(FromAll from, EventFilter? filter = null, CancellationToken cancellation = default)
    {
        Looked++;
        time.Advance(looksFor);
        throw new LogUnavailableException("No node was found.");
    }

    public override Task<AppendResult> AppendToStreamAsync(
        string stream, StreamState expected, IReadOnlyList<EventData> events, CancellationToken cancellation = default) =>
        Log.AppendToStreamAsync(stream, expected, events, cancellation);
}
