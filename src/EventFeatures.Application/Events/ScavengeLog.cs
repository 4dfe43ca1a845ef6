using System.Text.Json;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Events;

/// <summary>
/// Frees the room of events that no read of their streams can show any more. Streams that replay or an audit needs
/// keep everything, whatever their metadata says. What was done is in the log as well.
/// </summary>
public sealed record ScavengeLog : IRequest<ScavengeSummary>
{
    /// <summary>Who asks for it.</summary>
    public required string By { get; init; }

    /// <summary>Why, for the record.</summary>
    public string Why { get; init; } = "";

    /// <summary>Ties together all that one request caused; made up when left out.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Told how far it is.</summary>
    public IProgress<ScavengeProgress>? Progress { get; init; }
}

/// <summary>A scavenge begins.</summary>
/// <param name="ScavengeId">Of this run.</param>
/// <param name="By">Who asked for it.</param>
/// <param name="Why">Why.</param>
/// <param name="KeptPrefixes">Streams of these prefixes keep everything.</param>
public sealed record ScavengeStarted(Guid ScavengeId, string By, string Why, IReadOnlyList<string> KeptPrefixes);

/// <summary>A scavenge has run. One that was begun and has none of these was cut short, and did part of its work.</summary>
/// <param name="ScavengeId">Of this run.</param>
/// <param name="Removed">What it did.</param>
public sealed record ScavengeCompleted(Guid ScavengeId, ScavengeSummary Removed);

/// <summary>A scavenge was refused or failed; what it had done until then stays done.</summary>
/// <param name="ScavengeId">Of this run.</param>
/// <param name="Reason">Why.</param>
public sealed record ScavengeFailed(Guid ScavengeId, string Reason);

internal sealed class ScavengeLogValidator : AbstractValidator<ScavengeLog>
{
    public ScavengeLogValidator() => RuleFor(command => command.By).NotEmpty().WithMessage("Say who asks for it; it is recorded.");
}

internal sealed class ScavengeLogHandler(IEventLog log, ILogScavenger? scavenger = null) : IRequestHandler<ScavengeLog, ScavengeSummary>
{
    private const string Stream = "scavenge-log";

    private static readonly string[] KeptPrefixes = [.. SystemCategories.Kept.Select(category => category + "-")];

    public async Task<ScavengeSummary> Handle(ScavengeLog request, CancellationToken cancellationToken)
    {
        if (scavenger is null)
            throw Decision.Rejected("scavenge-refused", "The log is a server of its own.", "Scavenge it by that server's own means.");
        var id = Guid.NewGuid();
        await AppendAsync(request, new ScavengeStarted(id, request.By, request.Why, KeptPrefixes), cancellationToken);
        try
        {
            var summary = await scavenger.ScavengeAsync(KeptPrefixes, request.Progress, cancellationToken);
            await AppendAsync(request, new ScavengeCompleted(id, summary), cancellationToken);
            return summary;
        }
        catch (ScavengeRefusedException refused)
        {
            await AppendAsync(request, new ScavengeFailed(id, refused.Message), cancellationToken);
            throw Decision.Rejected("scavenge-refused", refused.Message, "", refused);
        }
    }

    private Task AppendAsync<T>(ScavengeLog request, T what, CancellationToken cancellation) => log.AppendToStreamAsync(
        Stream, StreamState.Any,
        [new EventData(Guid.NewGuid(), typeof(T).Name, JsonSerializer.SerializeToUtf8Bytes(what, JsonSerializerOptions.Web), Provenance.Of(request.CorrelationId, request.By).ToJson())], cancellation);
}
