using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;
using EventFeatures.Core.Predictions;
using MediatR;

namespace EventFeatures.Application.Predictions;

/// <summary>Decides, makes the decision durable, and answers; or answers what was decided before under the same id.</summary>
internal sealed class PredictHandler(
    IRegistry registry, IOnlineViews online, IBatchViews batch, IScorer scorer, IEventLog log, TimeProvider clock, PredictionOptions options)
    : IRequestHandler<Predict, PredictionAnswer>
{
    private readonly Decider _decider = new(online, batch, scorer, clock, options);
    private readonly Dossiers _dossiers = new(log);

    public async Task<PredictionAnswer> Handle(Predict request, CancellationToken cancellationToken)
    {
        PredictionMade made;
        try
        {
            made = await _decider.DecideAsync(registry.Current, request, request.PredictionId ?? Guid.NewGuid().ToString("N"), cancellationToken);
        }
        catch (Exception exception) when (request.PredictionId is not null && exception is RefusedException or CommandInvalidException or ViewUnavailableException or TimeoutException)
        {
            // What could not be decided now may have been decided before; a retry gets that answer whatever happened since.
            if (request.PredictionId is { } id && await _dossiers.FindAsync(id, cancellationToken) is { } earlier) return Repeat(earlier, request);
            throw;
        }
        try
        {
            var position = await _dossiers.OpenAsync(made, cancellationToken);
            Count(made);
            return new PredictionAnswer(made, position, Repeated: false);
        }
        catch (WrongExpectedVersionException)
        {
            return Repeat(await _dossiers.GetAsync(made.PredictionId, cancellationToken), request);
        }
    }

    private static PredictionAnswer Repeat(PredictionEntry earlier, Predict request) =>
        Identity(earlier.Made.Request).AsSpan().SequenceEqual(Identity(Decider.RequestOf(request)))
            ? new PredictionAnswer(earlier.Made, earlier.Position, Repeated: true)
            : throw Decision.Rejected(
                "prediction-id-reused",
                $"Prediction '{earlier.Made.PredictionId}' was made at position {earlier.Position} for another request.",
                "Ask for a new prediction under a new id, or repeat the first request exactly.");

    /// <summary>What makes two requests the same one; how long a caller would wait for the views is not part of it.</summary>
    private static byte[] Identity(PredictionRequest request) => PredictionJson.Write(request with { MinPosition = null });

    private static void Count(PredictionMade made)
    {
        ApplicationTelemetry.Predictions.Add(1, new("model", made.Request.Model), new("route", made.Route.Name), new("code", made.Route.Code));
        foreach (var stage in made.Latency)
            ApplicationTelemetry.PredictionStage.Record(stage.Microseconds / 1e6, new KeyValuePair<string, object?>("stage", stage.Stage));
        var newest = made.Features.Select(feature => feature.OccurredAt).Max();
        if (newest is { } occurredAt)
            ApplicationTelemetry.Freshness.Record((made.AsOf - occurredAt).TotalSeconds, new KeyValuePair<string, object?>("model", made.Request.Model));
    }
}
