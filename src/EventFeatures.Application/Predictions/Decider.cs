using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;

namespace EventFeatures.Application.Predictions;

/// <summary>Reads features, scores them with the champion and decides; when something is down, the model's constant decides.</summary>
internal sealed class Decider(IOnlineViews online, IBatchViews batch, IScorer scorer, TimeProvider clock, PredictionOptions options)
{
    private readonly FeatureReader _reader = new(online, batch);

    /// <summary>What a command asks, as the dossier keeps it.</summary>
    public static PredictionRequest RequestOf(Predict command) =>
        new(command.Model, command.Entities, command.Context, command.AsOf, command.KnownAt, command.MinPosition);

    /// <summary>Decides, without making anything durable.</summary>
    /// <exception cref="RefusedException">The model is unknown, a feature that the service insists on is missing, or nothing can stand in.</exception>
    /// <exception cref="ViewUnavailableException">A view cannot answer, and the model has no constant.</exception>
    /// <exception cref="TimeoutException">Features or score took longer than the budget, and the model has no constant.</exception>
    public async Task<PredictionMade> DecideAsync(RegistrySnapshot registered, Predict command, string id, CancellationToken cancellation)
    {
        if (!registered.Models.TryGetValue(command.Model, out var model))
            throw Decision.Rejected("model-unknown", $"There is no model '{command.Model}'.", ServiceCatalog.Known(registered.Models.Keys, "models"));
        var service = ServiceCatalog.Find(registered, model.Champion?.Service ?? model.Definition.Service);
        var keys = FeatureReader.Keys(nameof(Predict), service, command.Entities);
        var context = FeatureReader.Context(nameof(Predict), service, command.Context);
        var draft = Draft(command, id, model.Definition, service);
        var stages = new StageClock(clock);
        using var budget = new CancellationTokenSource(
            command.MinPosition is null ? options.LatencyMax : options.LatencyMax + options.ConsistencyWaitMax, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, budget.Token);
        try
        {
            var reading = await _reader.ReadAsync(service, keys, context, draft.AsOf, command.KnownAt, command.MinPosition, either.Token);
            stages.Mark("read");
            draft = draft with { Views = reading.Views, Features = reading.Vector.Values, Latency = stages.Stages };
            if (reading.Vector.Refused is [var refused, ..])
                throw Decision.Rejected("feature-missing", $"Feature '{refused}' has no value ({StatusOf(reading, refused)}), and the service {service.Service.Reference} refuses to predict without it.", "Append the events that it needs, or give it another missing policy in a new version of the service.");
            if (reading.Vector.FellBack is [var fellBack, ..])
                return Fallback(draft, model.Definition, "feature-missing", $"Feature '{fellBack}' has no value ({StatusOf(reading, fellBack)}).", null);
            if (model.Champion is not { } champion)
                return Fallback(draft, model.Definition, "champion-missing", $"Model '{command.Model}' has no champion; promote one of its {model.Versions.Count} registered versions.", null);
            return await ScoreAsync(draft, model.Definition, champion, service, reading.Vector, stages, either.Token, cancellation);
        }
        catch (ViewUnavailableException unavailable)
        {
            return Fallback(draft with { Latency = stages.Stages }, model.Definition, "view-unavailable", unavailable.Message, unavailable);
        }
        catch (ModelInvalidException invalid)
        {
            return Fallback(draft with { Latency = stages.Stages }, model.Definition, "model-unavailable", invalid.Message, invalid);
        }
        catch (OperationCanceledException exceeded) when (!cancellation.IsCancellationRequested && budget.IsCancellationRequested)
        {
            return Fallback(draft with { Latency = stages.Stages }, model.Definition, "latency-exceeded", "Features and score were not there within the latency budget.", exceeded);
        }
    }

    private async Task<PredictionMade> ScoreAsync(
        PredictionMade draft, Model model, ModelVersion champion, CompiledService service, ServiceVector vector, StageClock stages, CancellationToken budget, CancellationToken cancellation)
    {
        var input = vector.ToModelInput();
        using var ready = await scorer.LoadAsync(champion.Digest, input.Length, budget);
        stages.Mark("load");
        var output = ready.Score(input, budget);
        stages.Mark("score");
        if (output is not (>= 0 and <= 1))
            return Fallback(draft with { Latency = stages.Stages }, model, "model-output-invalid", $"Version {champion.Version} answered {output.ToString(System.Globalization.CultureInfo.InvariantCulture)}, which is no probability.", null);
        // The score is there, and a constant is no better answer than it: only the caller ends what explains it.
        var reasons = Reasons.Of(ready, service.InputNames, input, output, cancellation);
        stages.Mark("explain");
        return Decided(draft, model, output) with
        {
            Model = new ModelUse(model.Name, champion.Version, champion.Digest, champion.TrainingSetDigest),
            Route = PredictionRoute.Champion,
            Output = output,
            Reasons = reasons,
            Fingerprint = ready.Fingerprint,
            Latency = stages.Stages,
        };
    }

    private PredictionMade Draft(Predict command, string id, Model model, CompiledService service) => new()
    {
        PredictionId = id,
        Request = RequestOf(command),
        AsOf = command.AsOf ?? Instant.FromDateTimeOffset(clock.GetUtcNow()),
        Service = service.Service.Reference,
        ServiceDigest = service.Service.Digest,
        Views = [],
        Features = [],
        Route = PredictionRoute.Champion,
        Score = 0,
        Confidence = 0,
        Threshold = model.Threshold,
        Decision = "",
        Reasons = [],
        Latency = [],
        CorrelationId = command.CorrelationId,
        RequestedBy = command.By,
        Software = Software.Version,
    };

    private static PredictionMade Fallback(PredictionMade draft, Model model, string code, string detail, Exception? cause) =>
        (model.FallbackScore, cause) switch
        {
            ({ } constant, _) => Decided(draft, model, constant) with
            {
                Route = PredictionRoute.Fallback(code, model.FallbackReason.Length > 0 ? $"{detail} The constant is the {model.FallbackReason}." : detail),
            },
            (null, ViewUnavailableException unavailable) => throw unavailable,
            (null, OperationCanceledException) => throw new TimeoutException($"{detail} Model '{model.Name}' has no fallback. Ask again, or give it a fallback score.", cause),
            _ => throw Decision.Rejected(code, detail, $"Put it right, or give model '{model.Name}' a fallback score.", cause),
        };

    private static PredictionMade Decided(PredictionMade draft, Model model, double score)
    {
        var positive = score >= model.Threshold;
        return draft with
        {
            Score = score,
            Confidence = positive ? score : 1 - score,
            Decision = positive ? model.PositiveDecision : model.NegativeDecision,
        };
    }

    private static string StatusOf(ServiceReading reading, string name) =>
        FeatureValue.Name(reading.Vector.Values.First(value => value.Name == name).Status);
}
