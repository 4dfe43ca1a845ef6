using System.Globalization;
using EventFeatures.Application.Definitions;
using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.Models;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Models;

/// <summary>Makes a registered version the champion, once it passed its gate. Promoting the champion changes nothing.</summary>
/// <param name="Model">The model family's name.</param>
/// <param name="Version">The version.</param>
public sealed record PromoteModel(string Model, int Version) : IRequest<ModelPromotion>
{
    /// <summary>Who promotes.</summary>
    public required string By { get; init; }

    /// <summary>Why, for the record.</summary>
    public string Why { get; init; } = "";

    /// <summary>Ties together all that one request caused; made up when left out.</summary>
    public string? CorrelationId { get; init; }
}

/// <summary>A champion.</summary>
/// <param name="Champion">The champion.</param>
/// <param name="PreviousVersion">The version that served before; null for the first champion.</param>
/// <param name="Position">The consistency token; null when it was the champion before. The registry has seen it.</param>
public sealed record ModelPromotion(ModelVersion Champion, int? PreviousVersion, Position? Position);

internal sealed class PromoteModelValidator : AbstractValidator<PromoteModel>
{
    public PromoteModelValidator()
    {
        RuleFor(promote => promote.Model).NotEmpty().WithMessage("Name the model family.");
        RuleFor(promote => promote.Version).GreaterThan(0).WithMessage("Versions count from 1.");
        RuleFor(promote => promote.By).NotEmpty().WithMessage("Say who promotes; it is recorded.");
    }
}

internal sealed class PromoteModelHandler(IRegistry registry, IEventLog log, IScorer scorer) : IRequestHandler<PromoteModel, ModelPromotion>
{
    public async Task<ModelPromotion> Handle(PromoteModel request, CancellationToken cancellationToken)
    {
        var current = ModelFamily.Current(registry);
        var entry = ModelFamily.Find(current, request.Model);
        var candidate = entry.Versions.FirstOrDefault(version => version.Version == request.Version) ?? throw Decision.Rejected(
            "model-version-unknown",
            $"The model '{request.Model}' has no version {request.Version}; {(entry.Versions.Count == 0 ? "none is registered" : $"it has 1 to {entry.Versions.Count}")}.",
            "Register it first, or promote one that is registered.");
        if (entry.ChampionVersion == request.Version) return new ModelPromotion(candidate, request.Version, null);

        await PassGateAsync(request.Model, candidate, current, cancellationToken);
        var promoted = new ChampionPromoted(request.Model, request.Version, candidate.Digest, entry.ChampionVersion, request.By, request.Why);
        var stream = DefinitionStreams.Of(DefinitionKind.Model, request.Model);
        // The same version may be promoted again after another, so the revision is part of what the event says.
        var revision = current.StreamRevisions[stream];
        var eventId = EventIds.Derive("champion-promoted", request.Model, request.Version.ToString(CultureInfo.InvariantCulture), revision.ToString(CultureInfo.InvariantCulture));
        var metadata = new EventMetadata { CorrelationId = request.CorrelationId ?? Guid.NewGuid().ToString(), Producer = request.By };
        var appended = await log.AppendToStreamAsync(
            stream, StreamState.StreamRevision(revision), [DefinitionJson.ToEventData(promoted, eventId, metadata)], cancellationToken);
        await registry.SeenAsync(appended.Position, ModelFamily.SeenDeadline, cancellationToken);
        return new ModelPromotion(candidate, entry.ChampionVersion, appended.Position);
    }

    /// <summary>The candidate still reads what it was made for, loads, and gives a probability for any input, even none.</summary>
    private async Task PassGateAsync(string model, ModelVersion candidate, RegistrySnapshot registry, CancellationToken cancellation)
    {
        var service = ModelFamily.Service(registry, candidate.Service);
        if (service.Digest != candidate.ServiceDigest)
            throw Decision.Rejected(
                "service-changed", $"Version {candidate.Version} of '{model}' was registered for {candidate.Service} with digest {candidate.ServiceDigest[..12]}, which now has {service.Digest[..12]}.",
                "Train and register a version for the service as it is.");
        foreach (var view in ServiceCatalog.Definition(registry, candidate.Service).Views) RetiredViews.Refuse(registry, view.Reference);
        using var ready = await LoadAsync(model, candidate, service.Features.Count, cancellation);
        foreach (var (name, input) in new[] { ("zero", 0f), ("missing", float.NaN) })
        {
            var features = new float[service.Features.Count];
            Array.Fill(features, input);
            var score = Score(model, candidate, ready, name, features, cancellation);
            if (score is not (>= 0 and <= 1))
                throw FailsGoldenInput($"Version {candidate.Version} of '{model}' scores {score.ToString("R", CultureInfo.InvariantCulture)} when every feature is {name}, which is no probability.", null);
        }
    }

    private async Task<IReadyModel> LoadAsync(string model, ModelVersion candidate, int inputs, CancellationToken cancellation)
    {
        try
        {
            return await scorer.LoadAsync(candidate.Digest, inputs, cancellation);
        }
        catch (ModelInvalidException invalid)
        {
            throw Decision.Rejected("model-unfit", $"Version {candidate.Version} of '{model}' cannot be loaded: {invalid.Message}", "Register its bytes again, or promote another version.", invalid);
        }
    }

    private static float Score(string model, ModelVersion candidate, IReadyModel ready, string name, float[] features, CancellationToken cancellation)
    {
        try
        {
            return ready.Score(features, cancellation);
        }
        catch (ModelInvalidException failed)
        {
            throw FailsGoldenInput($"Version {candidate.Version} of '{model}' fails when every feature is {name}: {failed.Message}", failed);
        }
    }

    private static RefusedException FailsGoldenInput(string detail, Exception? cause) =>
        Decision.Rejected("golden-input-failed", detail, "Impute missing inputs and end with a probability inside the model, and register that.", cause);
}
