using EventFeatures.Core.Events;
using EventFeatures.Core.Time;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Events;

/// <summary>
/// Appends events after checking each against the contract of its category. Items of different streams may land in
/// any order; items of one stream keep theirs. One that its contract refuses keeps out all items of its stream, and
/// after one that its stream refused the stream's later ones are refused as well. Sending the same items again with the
/// same event ids adds nothing.
/// </summary>
/// <param name="Items">At most 10,000 events.</param>
public sealed record AppendEvents(IReadOnlyList<AppendItem> Items) : IRequest<AppendAnswer>
{
    /// <summary>Who sends them, by its own word since callers are not authenticated; may be left out.</summary>
    public string? Producer { get; init; }

    /// <summary>Ties together all that one request caused; made up when left out.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The event id of the direct cause.</summary>
    public string? CausationId { get; init; }
}

/// <summary>One event to append.</summary>
/// <param name="Stream"><c>category-key</c>.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Data">The payload, kept as it comes.</param>
public sealed record AppendItem(string Stream, string Type, ReadOnlyMemory<byte> Data)
{
    /// <summary>The idempotency key; made up when left out, so that a retry cannot be recognised.</summary>
    public Guid? EventId { get; init; }

    /// <summary>When the fact happened, where the payload does not say.</summary>
    public Instant? OccurredAt { get; init; }

    /// <summary>For imported history: when the fact became known, as the importer states it.</summary>
    public Instant? RecordedAt { get; init; }

    /// <summary>The person whom the event is about.</summary>
    public string? Subject { get; init; }

    /// <summary>Who sends it, where that is not the producer of the whole request.</summary>
    public string? Producer { get; init; }

    /// <summary>What the stream must look like before this item.</summary>
    public StreamState Expected { get; init; } = StreamState.Any;
}

/// <summary>What became of a request's events.</summary>
/// <param name="Items">In the order of the request.</param>
/// <param name="Position">The consistency token that covers all of them; null when nothing was appended.</param>
public sealed record AppendAnswer(IReadOnlyList<AppendOutcome> Items, Position? Position);

/// <summary>What became of one event.</summary>
/// <param name="Verdict">Whether it is in its stream, in quarantine or nowhere.</param>
/// <param name="EventId">Its id.</param>
/// <param name="Stream">The stream that holds it, which is the quarantine's for a quarantined one; the asked one when rejected.</param>
/// <param name="Revision">Its index in that stream; null when rejected.</param>
/// <param name="Position">A position that covers it; null when rejected.</param>
/// <param name="Code">Why it was not accepted: a stable kebab-case code; empty when accepted.</param>
/// <param name="Detail">The same for people, with the next step; empty when accepted.</param>
public sealed record AppendOutcome(
    AppendVerdict Verdict, Guid EventId, string Stream, long? Revision, Position? Position, string Code = "", string Detail = "");

/// <summary>What became of an event.</summary>
public enum AppendVerdict
{
    /// <summary>It is in its stream.</summary>
    Accepted,

    /// <summary>It breaks its contract and is kept aside with its reason.</summary>
    Quarantined,

    /// <summary>It was refused and is nowhere.</summary>
    Rejected,
}

internal sealed class AppendEventsValidator : AbstractValidator<AppendEvents>
{
    private const int ItemsMax = 10_000;

    private const int StreamLengthMax = 512;

    public AppendEventsValidator()
    {
        RuleFor(command => command.Items).NotEmpty().WithMessage("Give at least one event.");
        RuleFor(command => command.Items.Count).LessThanOrEqualTo(ItemsMax).OverridePropertyName("Items")
            .WithMessage(command => $"{command.Items.Count} events are too many for one request; send at most {ItemsMax} at a time.");
        RuleFor(command => command.Producer).MaximumLength(ProducerQuotas.NameLengthMax).WithMessage(ProducerQuotas.NameTooLong);
        RuleForEach(command => command.Items).ChildRules(item =>
        {
            item.RuleFor(one => one.Producer).MaximumLength(ProducerQuotas.NameLengthMax).WithMessage(ProducerQuotas.NameTooLong);
            item.RuleFor(one => one.Stream).Must(stream => stream is { Length: > 0 and <= StreamLengthMax } && stream.IndexOf('-', StringComparison.Ordinal) > 0)
                .WithMessage(one => $"'{one.Stream}' is no stream. Write category-key, for example card-4929, with at most {StreamLengthMax} characters.");
            item.RuleFor(one => one.Type).NotEmpty().MaximumLength(200).WithMessage("Give the event's type, with at most 200 characters.");
            item.RuleFor(one => one.EventId).NotEqual(Guid.Empty).WithMessage("An event id of only zeros identifies nothing. Leave it out or give a real one.");
        });
    }
}
