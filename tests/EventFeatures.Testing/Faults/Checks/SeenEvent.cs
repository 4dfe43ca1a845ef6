using EventFeatures.Core.Events;
using EventFeatures.Testing.Faults.Load;

namespace EventFeatures.Testing.Faults.Checks;

/// <summary>What a check needs of an event in the log.</summary>
public sealed record SeenEvent(ulong Position, string Stream, long Revision, Guid Id, bool Intact)
{
    public static SeenEvent Of(RecordedEvent recorded) =>
        new(recorded.Position.Value, recorded.StreamId, recorded.Revision, recorded.EventId, IdentifiedEvent.IsIntact(recorded));

    /// <summary>The whole log, in its order.</summary>
    /// <exception cref="TimeoutException">It could not be read to its end within the deadline.</exception>
    public static async Task<List<SeenEvent>> AllOfAsync(IEventLog source, TimeSpan deadline)
    {
        using var late = new CancellationTokenSource(deadline);
        List<SeenEvent> log = [];
        try
        {
            await foreach (var recorded in source.ReadAllAsync(ReadDirection.Forwards, EventFeatures.Core.Events.Position.Start, cancellation: late.Token)) log.Add(Of(recorded));
            return log;
        }
        catch (OperationCanceledException unread) when (late.IsCancellationRequested)
        {
            // Not as a cancellation, which would look as if somebody had asked for the end.
            throw new TimeoutException(FormattableString.Invariant($"The log could not be read to its end within {deadline.TotalSeconds} s; {log.Count} events came."), unread);
        }
    }
}
