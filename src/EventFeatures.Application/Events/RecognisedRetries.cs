using EventFeatures.Core.Events;

namespace EventFeatures.Application.Events;

/// <summary>
/// Tells an append that the log recognised from one that added events. The log recognises events by their ids wherever
/// in the stream they lie, and answers with the place of the last one asked for: only of events that lie in a row do
/// the others' places follow from that.
/// </summary>
internal sealed class RecognisedRetries(IEventLog log)
{
    private ulong _seen;
    private volatile bool _begun;

    /// <summary>A position that whatever is added from now on lies past.</summary>
    public async ValueTask<Position> SeenAsync(CancellationToken cancellation)
    {
        if (!_begun)
        {
            // Once: from then on the answers to appends say it without a call of their own.
            Note(await log.ReadHeadAsync(cancellation) ?? Position.Start);
            _begun = true;
        }
        return new Position(Interlocked.Read(ref _seen));
    }

    /// <summary>Notes the position that an append was answered with.</summary>
    public void Note(Position position)
    {
        for (var seen = Interlocked.Read(ref _seen); seen < position.Value;)
        {
            var found = Interlocked.CompareExchange(ref _seen, position.Value, seen);
            if (found == seen) return;
            seen = found;
        }
    }

    /// <summary>Whether the events that were answered for lie in a row, and in this order.</summary>
    public async Task<bool> LieInARowAsync(string stream, IReadOnlyList<Guid> ids, AppendResult answered, CancellationToken cancellation)
    {
        var first = answered.NextExpectedRevision - (ids.Count - 1);
        if (first < 0) return false;
        var found = 0;
        await foreach (var recorded in log.ReadStreamAsync(stream, ReadDirection.Forwards, first, ids.Count, cancellation: cancellation))
            if (recorded.EventId != ids[found++]) return false;
        return found == ids.Count;
    }
}
