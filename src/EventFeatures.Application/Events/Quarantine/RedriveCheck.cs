using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;

namespace EventFeatures.Application.Events.Quarantine;

/// <summary>
/// Whether an event that is kept aside could be used now. One that was kept out of its stream is checked as any that is
/// appended now. One that the log holds, and a view refused, is never recorded anew: what counts is how the views read it
/// when they are rebuilt, by the time at which it was recorded.
/// </summary>
internal sealed class RedriveCheck(IEventLog log, IRegistry registry, TimeProvider clock)
{
    /// <summary>What is to be done with an entry.</summary>
    /// <exception cref="StreamDeletedException">The event's stream was closed for good.</exception>
    public async Task<RedriveVerdict> CheckAsync(QuarantineEntry entry, string? correlationId, CancellationToken cancellation)
    {
        var kept = entry.Event;
        if (kept.LoggedAt is null)
            return Contract(entry, kept.Data, kept.Metadata, correlationId, Instant.FromDateTimeOffset(clock.GetUtcNow()), registry.Current);
        // Whether an event is late or a duplicate is a fact of the log that no contract changes.
        if (kept.Code is "late" or "duplicate") return new RedriveVerdict(kept.Code, $"{kept.Detail} That stays so; discard it.");
        if (kept.BytesOmitted)
            return new RedriveVerdict(
                "quarantine-bytes-omitted",
                $"The event is too large for its entry to hold bytes that could be checked again; '{kept.StreamId}' holds it at position {kept.LoggedAt}. Once its contract lets it pass, rebuild the views that could not use it and discard this entry.");
        if (await FindAsync(kept, cancellation) is not { } recorded)
            return new RedriveVerdict(
                "quarantine-event-gone",
                $"'{kept.StreamId}' no longer holds the event at revision {kept.LoggedRevision}, by its retention or a deletion. Append it again if it is to be used after all, and discard this entry.");
        var registered = registry.Current;
        var verdict = Contract(entry, recorded.Data, recorded.Metadata, correlationId, recorded.Created, registered);
        return verdict.Code.Length > 0 ? verdict : Views(recorded, registered) ?? new RedriveVerdict { Recorded = recorded };
    }

    // By stream and revision, which a move to another log keeps; positions it does not.
    private async Task<RecordedEvent?> FindAsync(QuarantinedEvent kept, CancellationToken cancellation)
    {
        if (kept.LoggedRevision is not { } revision) return null;
        await foreach (var recorded in log.ReadStreamAsync(kept.StreamId, fromRevision: revision, countMax: 1, cancellation: cancellation))
            if (recorded.Revision == revision && recorded.EventId == kept.EventId) return recorded;
        return null;
    }

    private static RedriveVerdict Contract(
        QuarantineEntry entry, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> metadata, string? correlationId, Instant recordedAt, RegistrySnapshot registered)
    {
        var original = EventMetadata.FromJson(metadata);
        var item = new AppendItem(entry.Event.StreamId, entry.Event.EventType, data)
        {
            EventId = entry.Event.EventId, OccurredAt = original.OccurredAt, RecordedAt = original.Imported ? original.RecordedAt : null,
            Subject = original.Subject, Producer = original.Producer,
        };
        var append = new AppendEvents([item]) { CorrelationId = correlationId ?? original.CorrelationId, CausationId = entry.Id.ToString() };
        var check = new AppendChecks(registered, append, recordedAt).CheckAll()[0];
        return check.Verdict == AppendVerdict.Accepted ? new RedriveVerdict { Data = check.Data } : new RedriveVerdict(check.Code, check.Detail);
    }

    /// <summary>The refusal of the first view that could not use the event; null where all can whose event it is.</summary>
    private static RedriveVerdict? Views(RecordedEvent recorded, RegistrySnapshot registered)
    {
        foreach (var (reference, view) in registered.ProjectedViews)
            if (Read(view, recorded) is RowReading.Violation refused)
                return new RedriveVerdict(refused.Code, $"{refused.Detail} View {reference} refuses it still, so that no rebuild would make it count there.");
        return null;
    }

    private static RowReading Read(CompiledView view, RecordedEvent recorded)
    {
        try
        {
            return view.Read(recorded);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return RowReading.Violation.Of(exception);
        }
    }
}

/// <summary>What is to be done with an entry: nothing, where it has a code.</summary>
/// <param name="Code">Why the event cannot be used; empty where it can.</param>
/// <param name="Detail">The same for people.</param>
internal sealed record RedriveVerdict(string Code = "", string Detail = "")
{
    /// <summary>The event to append, where its stream does not hold it.</summary>
    public EventData? Data { get; init; }

    /// <summary>The event where its stream holds it.</summary>
    public RecordedEvent? Recorded { get; init; }
}
