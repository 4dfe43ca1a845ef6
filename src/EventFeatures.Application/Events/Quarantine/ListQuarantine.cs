using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Events.Quarantine;

/// <summary>Events that are kept aside, contract after contract, in the order in which they were.</summary>
public sealed record ListQuarantine : IRequest<QuarantinePage>
{
    /// <summary>Of one contract, by its name with or without version; null: of all.</summary>
    public string? Contract { get; init; }

    /// <summary>Whether to list those too of which something became.</summary>
    public bool IncludeClosed { get; init; }

    /// <summary>How many at most. Range: 1 to 1,000. Default: 100.</summary>
    public int CountMax { get; init; } = 100;

    /// <summary>The last answer's <see cref="QuarantinePage.Next"/>, to go on; null: from the first.</summary>
    public string? After { get; init; }
}

/// <summary>Some entries.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="Next">Pass it as <see cref="ListQuarantine.After"/> for more; null when there are none.</param>
/// <param name="Unreadable">What was left out between the last answer and this one's end because it cannot be read.</param>
public sealed record QuarantinePage(IReadOnlyList<QuarantineEntry> Entries, string? Next, UnreadableQuarantine Unreadable);

/// <summary>Events of quarantines that an answer leaves out because they cannot be read.</summary>
/// <param name="Count">How many.</param>
/// <param name="First">The place of the first that was met; null when there is none.</param>
public sealed record UnreadableQuarantine(long Count, Position? First);

internal sealed class ListQuarantineValidator : AbstractValidator<ListQuarantine>
{
    public ListQuarantineValidator()
    {
        RuleFor(query => query.CountMax).InclusiveBetween(1, 1_000).WithMessage("Ask for 1 to 1,000 entries.");
        RuleFor(query => query.After).Must(after => after is null || QuarantinePlace.TryParse(after) is not null).WithMessage("This is not where an earlier answer ended. Leave it out, or pass on what that answer said.");
    }
}

internal sealed class ListQuarantineHandler(IEventLog log, IRegistry registry) : IRequestHandler<ListQuarantine, QuarantinePage>
{
    public async Task<QuarantinePage> Handle(ListQuarantine request, CancellationToken cancellationToken)
    {
        var streams = new QuarantineStreams(log, registry);
        var entries = new List<QuarantineEntry>();
        // As of the last entry of the answer: what lies behind it is the next answer's.
        var unreadable = streams.Unreadable;
        await foreach (var entry in streams.ReadAsync(streams.StreamsOf(request.Contract), QuarantinePlace.TryParse(request.After), cancellationToken))
        {
            if (entry.State != QuarantineState.Open && !request.IncludeClosed) continue;
            if (entries.Count == request.CountMax)
                return new QuarantinePage(entries, QuarantinePlace.Of(entries[^1]).ToString(), unreadable);
            entries.Add(entry);
            unreadable = streams.Unreadable;
        }
        return new QuarantinePage(entries, null, streams.Unreadable);
    }
}
