using EventFeatures.Api.V1;
using EventFeatures.Core.Events;
using EventFeatures.Core.Models;
using EventFeatures.Core.Outcomes;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using DossierAnswer = EventFeatures.Application.Predictions.PredictionDossier;

namespace EventFeatures.Server.Api;

internal static class PredictionMessages
{
    public static Prediction ToMessage(this PredictionMade made, Position position, Instant? recordedAt = null, bool repeated = false)
    {
        var message = new Prediction
        {
            PredictionId = made.PredictionId,
            Model = made.Request.Model,
            ModelVersion = made.Model?.Version ?? 0,
            ModelDigest = made.Model?.Digest ?? "",
            TrainingSetDigest = made.Model?.TrainingSetDigest ?? "",
            Route = made.Route.Name,
            FallbackCode = made.Route.Code,
            FallbackReason = made.Route.Detail,
            Score = made.Score,
            Confidence = made.Confidence,
            Threshold = made.Threshold,
            Decision = made.Decision,
            AsOf = made.AsOf.ToString(),
            Service = made.Service,
            ServiceDigest = made.ServiceDigest,
            Features = { made.Features.ToMessages(made.AsOf) },
            Views = { made.Views.Select(view => view.ToMessage()) },
            Reasons = { made.Reasons.Select(reason => new Reason { Feature = reason.Feature, ScoreChange = reason.ScoreChange }) },
            Position = position.Value,
            RecordedAt = recordedAt?.ToString() ?? "",
            RepeatedRequest = repeated,
            CorrelationId = made.CorrelationId ?? "",
            RequestedBy = made.RequestedBy ?? "",
            Software = made.Software,
        };
        if (made.Output is { } output) message.Output = output;
        message.Entities.Add(new Dictionary<string, string>(made.Request.Entities));
        foreach (var (name, value) in made.Request.Context) message.Context.Add(name, value.ToMessage());
        if (made.Request.MinPosition is { } minimum) message.StatedMinPosition = minimum.Value;
        if (made.Request.KnownAt is { } knownAt) message.StatedKnownAt = knownAt.Value;
        foreach (var stage in made.Latency) message.LatencyMicroseconds[stage.Stage] = stage.Microseconds;
        if (made.Fingerprint is { } fingerprint) AddFingerprint(message, fingerprint);
        return message;
    }

    public static PredictionDossier ToMessage(this DossierAnswer dossier) => new()
    {
        Prediction = dossier.Made.ToMessage(dossier.Position, dossier.RecordedAt),
        Outcomes = { dossier.Outcomes.Select(ToMessage) },
        Replays =
        {
            dossier.Replays.Select(replay => new RecordedReplay
            {
                Verdict = ReplayVerdict.Name(replay.Verdict.Result),
                Code = replay.Verdict.Code,
                Detail = replay.Verdict.Detail,
                RecordedAt = replay.RecordedAt.ToString(),
                Position = replay.Position.Value,
                By = replay.By ?? "",
            }),
        },
    };

    private static Outcome ToMessage(OutcomeEntry entry) => new()
    {
        OutcomeId = entry.Outcome.OutcomeId,
        Label = entry.Outcome.Value,
        OccurredAt = entry.Outcome.OccurredAt.ToString(),
        RecordedAt = entry.RecordedAt.ToString(),
        Source = entry.Outcome.RecordedBy ?? "",
        Position = entry.Position.Value,
    };

    private static void AddFingerprint(Prediction message, ExecutionFingerprint fingerprint)
    {
        var invariant = System.Globalization.CultureInfo.InvariantCulture;
        message.Fingerprint.Add("modelDigest", fingerprint.ModelDigest);
        message.Fingerprint.Add("runtime", fingerprint.Runtime);
        message.Fingerprint.Add("provider", fingerprint.Provider);
        message.Fingerprint.Add("optimisationLevel", fingerprint.OptimisationLevel);
        message.Fingerprint.Add("intraOpThreads", fingerprint.IntraOpThreads.ToString(invariant));
        message.Fingerprint.Add("interOpThreads", fingerprint.InterOpThreads.ToString(invariant));
        message.Fingerprint.Add("executionMode", fingerprint.ExecutionMode);
        message.Fingerprint.Add("prepacking", fingerprint.Prepacking ? "true" : "false");
        message.Fingerprint.Add("batchSize", fingerprint.BatchSize.ToString(invariant));
        message.Fingerprint.Add("operatingSystem", fingerprint.OperatingSystem);
        message.Fingerprint.Add("instructionSets", fingerprint.InstructionSets);
    }
}
