using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Events.Quarantine;

/// <summary>
/// Re-drives or discards events that are kept aside, one after the other. Each is an event of its quarantine. Doing it
/// twice is doing it once. The answer holds a stream; leaving it stops the work.
/// </summary>
/// <param name="Resolution">What to do.</param>
public sealed record ResolveQuarantined(QuarantineResolution Resolution) : IRequest<QuarantineResolving>
{
    /// <summary>The entry, by its id or its event's; null: all that are open.</summary>
    public Guid? Id { get; init; }

    /// <summary>Of all, only those of this contract, by its name with or without version; null: of every contract.</summary>
    public string? Contract { get; init; }

    /// <summary>Who does it.</summary>
    public required string By { get; init; }

    /// <summary>Why. Required for discarding.</summary>
    public string Why { get; init; } = "";

    /// <summary>Ties together all that one request caused; made up when left out.</summary>
    public string? CorrelationId { get; init; }
}

/// <summary>What to do with an event that is kept aside.</summary>
public enum QuarantineResolution
{
    /// <summary>
    /// Check it again against the contract as it is now and, if it passes, append it to its own stream with its own id. One that
    /// a view refused is in its stream already, and passes if every view that is projected could use it.
    /// </summary>
    Redrive,

    /// <summary>Close it without using it.</summary>
    Discard,
}

/// <summary>The work on some entries.</summary>
/// <param name="Results">One for each entry, once it is done.</param>
/// <param name="Unreadable">What was passed over so far because it cannot be read; whole once the results have ended, and nothing where one entry was named.</param>
public sealed record QuarantineResolving(IAsyncEnumerable<QuarantineResolved> Results, Func<UnreadableQuarantine> Unreadable);

/// <summary>What became of one entry.</summary>
/// <param name="Entry">The entry as it was before.</param>
/// <param name="State">Its state now: open when re-driving failed.</param>
/// <param name="Changed">Whether this request changed it; false when it was so before.</param>
/// <param name="Code">Why it failed; empty when it did not.</param>
/// <param name="Detail">The same for people, or what was done.</param>
/// <param name="AppendedAt">A position that covers the event in its stream; null where it is not there.</param>
public sealed record QuarantineResolved(QuarantineEntry Entry, QuarantineState State, bool Changed, string Code, string Detail, Position? AppendedAt)
{
    /// <summary>Whether the entry is what was asked for.</summary>
    public bool Succeeded => Code.Length == 0;
}

internal sealed class ResolveQuarantinedValidator : AbstractValidator<ResolveQuarantined>
{
    public ResolveQuarantinedValidator()
    {
        RuleFor(command => command.Resolution).IsInEnum().WithMessage("Events that are kept aside are re-driven or discarded.");
        RuleFor(command => command.By).NotEmpty().WithMessage("Say who does it; it is recorded.");
        RuleFor(command => command.Why).NotEmpty().When(command => command.Resolution == QuarantineResolution.Discard).WithMessage("Say why the event is discarded; it is recorded.");
        RuleFor(command => command.Contract).Null().When(command => command.Id is not null).WithMessage("A contract chooses among all entries; with an id leave it out.");
    }
}

internal sealed class ResolveQuarantinedHandler(IEventLog log, IRegistry registry, TimeProvider clock)
    : IRequestHandler<ResolveQuarantined, QuarantineResolving>
{
    private readonly QuarantineStreams _streams = new(log, registry);
    private readonly RedriveCheck _check = new(log, registry, clock);

    public async Task<QuarantineResolving> Handle(ResolveQuarantined request, CancellationToken cancellationToken)
    {
        // Of its own for each request, since it counts what it cannot read.
        var streams = new QuarantineStreams(log, registry);
        // What does not exist is refused before the answer begins.
        var entries = request.Id is { } id
            ? (await streams.FindAsync(id, cancellationToken)).ToAsyncEnumerable()
            : streams.ReadAsync(streams.StreamsOf(request.Contract), null, cancellationToken).Where(entry => entry.State == QuarantineState.Open);
        var results = entries.Select(async (QuarantineEntry entry, CancellationToken token) => await ResolveAsync(entry, request, token));
        return new QuarantineResolving(results, () => request.Id is null ? streams.Unreadable : new UnreadableQuarantine(0, null));
    }

    private async Task<QuarantineResolved> ResolveAsync(QuarantineEntry entry, ResolveQuarantined request, CancellationToken cancellation) => (entry.State, request.Resolution) switch
    {
        (QuarantineState.Redriven, QuarantineResolution.Redrive) =>
            new QuarantineResolved(entry, entry.State, false, "", "It was re-driven before.", entry.Attempts.First(attempt => attempt.Type == QuarantineAttempt.RedrivenType).AppendedAt),
        (QuarantineState.Discarded, QuarantineResolution.Discard) => new QuarantineResolved(entry, entry.State, false, "", "It was discarded before.", null),
        (QuarantineState.Redriven, _) => Refused(entry, "quarantine-redriven", "It was re-driven before and is in its stream, so that it cannot be discarded."),
        (QuarantineState.Discarded, _) => Refused(entry, "quarantine-discarded", "It was discarded before. Append the event again if it is to be used after all."),
        (_, QuarantineResolution.Discard) => await DiscardAsync(entry, request, cancellation),
        _ => await RedriveAsync(entry, request, cancellation),
    };

    private async Task<QuarantineResolved> DiscardAsync(QuarantineEntry entry, ResolveQuarantined request, CancellationToken cancellation)
    {
        await _streams.NoteAsync(entry, new QuarantineAttempt(QuarantineAttempt.DiscardedType, entry.Id, request.By, request.Why, "", ""), request.CorrelationId, cancellation);
        return new QuarantineResolved(entry, QuarantineState.Discarded, true, "", $"It is discarded; its bytes stay in its {(entry.Event.BytesOmitted ? "stream" : "quarantine")}.", null);
    }

    private async Task<QuarantineResolved> RedriveAsync(QuarantineEntry entry, ResolveQuarantined request, CancellationToken cancellation)
    {
        RedriveVerdict verdict;
        Position at;
        try
        {
            verdict = await _check.CheckAsync(entry, request.CorrelationId, cancellation);
            if (verdict.Code.Length > 0) return await FailAsync(entry, request, verdict.Code, verdict.Detail, cancellation);
            // The event's own id makes this once, also when the process ended before the next step of an earlier attempt.
            at = verdict.Recorded?.Position ?? (await log.AppendToStreamAsync(entry.Event.StreamId, StreamState.Any, [verdict.Data!], cancellation)).Position;
        }
        catch (StreamDeletedException deleted)
        {
            return await FailAsync(entry, request, "stream-deleted", deleted.Message, cancellation);
        }
        var done = verdict.Recorded is null
            ? $"It is in '{entry.Event.StreamId}' with its own id."
            : $"It was in '{entry.Event.StreamId}' all along, and its contract and every view let it pass now; a view that could not use it counts it once it is rebuilt, unless it is late or a duplicate there.";
        await _streams.NoteAsync(
            entry, new QuarantineAttempt(QuarantineAttempt.RedrivenType, entry.Id, request.By, request.Why, "", done) { AppendedAt = at }, request.CorrelationId, cancellation);
        return new QuarantineResolved(entry, QuarantineState.Redriven, true, "", done, at);
    }

    private async Task<QuarantineResolved> FailAsync(QuarantineEntry entry, ResolveQuarantined request, string code, string detail, CancellationToken cancellation)
    {
        await _streams.NoteAsync(entry, new QuarantineAttempt(QuarantineAttempt.RedriveFailedType, entry.Id, request.By, request.Why, code, detail), request.CorrelationId, cancellation);
        return new QuarantineResolved(entry, QuarantineState.Open, true, code, detail, null);
    }

    private static QuarantineResolved Refused(QuarantineEntry entry, string code, string detail) => new(entry, entry.State, false, code, detail, null);
}
