using EventFeatures.Core.Events;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Predictions;

/// <summary>Asks a model for a decision. The answer is durable before it is given.</summary>
/// <param name="Model">The model family's name.</param>
/// <param name="Entities">The entities' keys by entity name; the parts of a composite key are joined by U+001F.</param>
public sealed record Predict(string Model, IReadOnlyDictionary<string, string> Entities) : IRequest<PredictionAnswer>
{
    /// <summary>The caller's id: asking again under it gives the first answer. Made up when left out.</summary>
    public string? PredictionId { get; init; }

    /// <summary>What the request itself brings, by field name.</summary>
    public IReadOnlyDictionary<string, Value> Context { get; init; } = new Dictionary<string, Value>();

    /// <summary>The instant that the features describe; null: the server's clock.</summary>
    public Instant? AsOf { get; init; }

    /// <summary>The last position that may be used: what would have been answered then; null: all that the views know.</summary>
    public Position? KnownAt { get; init; }

    /// <summary>A consistency token: see at least this much, or fall back once waiting for it took too long.</summary>
    public Position? MinPosition { get; init; }

    /// <summary>Ties together all that one request caused.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The authenticated caller.</summary>
    public string? By { get; init; }
}

/// <summary>A prediction that is in the log.</summary>
/// <param name="Made">What was decided and why.</param>
/// <param name="Position">Its place in the log: the consistency token.</param>
/// <param name="Repeated">Whether this is the stored answer of an earlier call under the same id.</param>
public sealed record PredictionAnswer(PredictionMade Made, Position Position, bool Repeated);

internal sealed class PredictValidator : AbstractValidator<Predict>
{
    public PredictValidator()
    {
        RuleFor(command => command.Model).NotEmpty().WithMessage("Name the model.");
        RuleFor(command => command.PredictionId).Must(PredictionId.IsValid!).When(command => command.PredictionId is not null)
            .WithMessage(PredictionId.Rule);
        RuleFor(command => command.MinPosition).Null().When(command => command.KnownAt is not null)
            .WithMessage("A known-at position states what may be known; a consistency token has no meaning beside it. Leave one out.");
    }
}

/// <summary>What can be a prediction's id: it becomes part of a stream's name and of an address.</summary>
internal static class PredictionId
{
    public const string Rule = "A prediction's id has 1 to 200 of the characters A-Z a-z 0-9 . _ : - and nothing else.";

    public static bool IsValid(string id) =>
        id.Length is >= 1 and <= 200 && id.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or ':' or '-');
}
