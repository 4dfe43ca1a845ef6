using System.Runtime.CompilerServices;
using System.Text.Json;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;

namespace EventFeatures.Application.Events.Quarantine;

/// <summary>
/// The streams <c>quarantine-&lt;contract&gt;</c>. Any client of the log can append to one, and later versions write what
/// this one does not know: what cannot be read is counted, and must not take all else away.
/// </summary>
internal sealed class QuarantineStreams(IEventLog log, IRegistry registry)
{
    /// <summary>What <see cref="ReadAsync"/> could not read so far.</summary>
    public UnreadableQuarantine Unreadable { get; private set; } = new(0, null);

    /// <summary>The quarantines of some contract, or of all: of the contracts' names, since all versions share one.</summary>
    /// <param name="contract">A contract's name, with or without its version; null for all.</param>
    /// <exception cref="RefusedException">There is no such contract.</exception>
    public IReadOnlyList<string> StreamsOf(string? contract)
    {
        var all = registry.Current.Contracts.Keys.Select(QuarantinedEvent.StreamOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (string.IsNullOrEmpty(contract)) return all;
        var stream = QuarantinedEvent.StreamOf(contract);
        return all.Contains(stream)
            ? [stream]
            : throw Decision.Rejected("contract-unknown", $"There is no contract '{contract}'.{Suggestion.For(contract, registry.Current.Contracts.Keys)}", "Name one that is registered, or leave it out.");
    }

    /// <summary>
    /// The entries of some streams, in the order in which they were kept aside, stream after stream. Of each entry only
    /// its id and what became of it are held in memory, not its bytes. One that a log took twice, as a cluster may, since it
    /// knows an id again only as long as it remembers it, is given once.
    /// </summary>
    /// <param name="streams">The quarantines.</param>
    /// <param name="from">The last entry that is not wanted; null: from the first.</param>
    /// <param name="cancellation">Ends the enumeration.</param>
    public async IAsyncEnumerable<QuarantineEntry> ReadAsync(
        IReadOnlyList<string> streams, QuarantinePlace? from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var stream in streams.Where(stream => from is null || string.CompareOrdinal(stream, from.Stream) >= 0))
        {
            // What was done about an entry stands behind it, so that nothing before the first one that is wanted is.
            var first = stream == from?.Stream ? from.Revision : null;
            Dictionary<Guid, List<QuarantineAttempt>> attempts;
            try
            {
                attempts = await AttemptsAsync(stream, first, cancellation);
            }
            catch (StreamDeletedException) when (streams.Count > 1)
            {
                // Closed for good by somebody, with all that it held; whoever names it hears so.
                continue;
            }
            var given = new HashSet<Guid>();
            await using var events = log.ReadStreamAsync(stream, fromRevision: first, cancellation: cancellation).GetAsyncEnumerator(cancellation);
            while (await NextAsync(events, mayBeClosed: streams.Count > 1))
            {
                var recorded = events.Current;
                if (recorded.Type == QuarantinedEvent.Type && !given.Add(recorded.EventId)) continue;
                if (stream == from?.Stream && recorded.Position <= from.Entry) continue;
                if (recorded.Type == QuarantinedEvent.Type && Parse(recorded) is { } kept)
                    yield return Entry(recorded, kept, attempts.GetValueOrDefault(recorded.EventId, []));
                else if (recorded.Type == QuarantinedEvent.Type || (QuarantineAttemptJson.IsAttempt(recorded) && QuarantineAttemptJson.Read(recorded) is null))
                    Unreadable = new UnreadableQuarantine(Unreadable.Count + 1, Unreadable.First ?? recorded.Position);
            }
        }
    }

    /// <summary>The entries of an id: an entry's own, or that of an event, which may be in several.</summary>
    /// <exception cref="RefusedException">There is none.</exception>
    public async Task<IReadOnlyList<QuarantineEntry>> FindAsync(Guid id, CancellationToken cancellation)
    {
        var found = new List<QuarantineEntry>();
        await foreach (var entry in ReadAsync(StreamsOf(null), null, cancellation))
            if (entry.Id == id || entry.Event.EventId == id) found.Add(entry);
        return found.Count > 0
            ? found
            : throw Decision.Rejected("quarantine-entry-unknown", $"No quarantine holds '{id}', neither as an entry nor as an event.", "List what they hold with 'quarantine list'.");
    }

    /// <summary>Notes what was done. A success has an id of its entry, so that noting it twice is once.</summary>
    public async Task NoteAsync(QuarantineEntry entry, QuarantineAttempt attempt, string? correlationId, CancellationToken cancellation)
    {
        var id = attempt.Type == QuarantineAttempt.RedriveFailedType ? Guid.NewGuid() : EventIds.Derive(attempt.Type, entry.Id.ToString("N"));
        var metadata = Provenance.Of(correlationId, attempt.By) with { CausationId = entry.Id.ToString(), Contract = entry.Event.Contract };
        await log.AppendToStreamAsync(
            QuarantinedEvent.StreamOf(entry.Event.Contract), StreamState.Any, [new EventData(id, attempt.Type, QuarantineAttemptJson.Write(attempt), metadata.ToJson())], cancellation);
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<RecordedEvent> events, bool mayBeClosed)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (StreamDeletedException) when (mayBeClosed)
        {
            return false;
        }
    }

    private async Task<Dictionary<Guid, List<QuarantineAttempt>>> AttemptsAsync(string stream, long? fromRevision, CancellationToken cancellation)
    {
        var attempts = new Dictionary<Guid, List<QuarantineAttempt>>();
        await foreach (var recorded in log.ReadStreamAsync(stream, fromRevision: fromRevision, cancellation: cancellation))
        {
            if (QuarantineAttemptJson.Read(recorded) is not { } attempt) continue;
            if (!attempts.TryGetValue(attempt.EntryId, out var ofEntry)) attempts.Add(attempt.EntryId, ofEntry = []);
            ofEntry.Add(attempt);
        }
        return attempts;
    }

    private static QuarantineEntry Entry(RecordedEvent recorded, QuarantinedEvent kept, IReadOnlyList<QuarantineAttempt> attempts)
    {
        // An event that is in its stream is there, whatever else was decided about its entry.
        var state = attempts.Any(attempt => attempt.Type == QuarantineAttempt.RedrivenType) ? QuarantineState.Redriven
            : attempts.Any(attempt => attempt.Type == QuarantineAttempt.DiscardedType) ? QuarantineState.Discarded
            : QuarantineState.Open;
        return new QuarantineEntry(recorded.EventId, kept, recorded.Created, recorded.Position, recorded.Revision, state, attempts);
    }

    /// <summary>The event that is kept aside; null where this is no entry of the quarantine in which it stands, about an event of a category's stream.</summary>
    private static QuarantinedEvent? Parse(RecordedEvent recorded)
    {
        try
        {
            var kept = QuarantinedEvent.FromJson(recorded.Data);
            return QuarantinedEvent.StreamOf(kept.Contract) == recorded.StreamId && kept.StreamId.Contains('-', StringComparison.Ordinal) ? kept : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
