using EventFeatures.Application.Definitions;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.Models;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Models;

/// <summary>
/// Stores a model's bytes, checks that it takes the inputs of its family's feature service, and registers it as the
/// family's next version. Registering the same bytes from the same training set again answers with the first version.
/// </summary>
/// <remarks>Give either <see cref="Onnx"/> or the <see cref="Digest"/> of bytes that are stored already.</remarks>
/// <param name="Model">The model family's name.</param>
public sealed record RegisterModel(string Model) : IRequest<ModelRegistration>
{
    /// <summary>The ONNX bytes.</summary>
    public ReadOnlyMemory<byte> Onnx { get; init; }

    /// <summary>The digest of stored bytes.</summary>
    public string? Digest { get; init; }

    /// <summary>What was measured on held-out rows.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>The digest of the training set's manifest, where there is one.</summary>
    public string? TrainingSetDigest { get; init; }

    /// <summary>Who registers.</summary>
    public required string By { get; init; }

    /// <summary>Ties together all that one request caused; made up when left out.</summary>
    public string? CorrelationId { get; init; }
}

/// <summary>A registered version.</summary>
/// <param name="Version">The version.</param>
/// <param name="Position">The consistency token; null when it was registered before. The registry has seen it.</param>
public sealed record ModelRegistration(ModelVersion Version, Position? Position);

internal sealed class RegisterModelValidator : AbstractValidator<RegisterModel>
{
    public RegisterModelValidator()
    {
        RuleFor(register => register.Model).NotEmpty().WithMessage("Name the model family.");
        RuleFor(register => register.By).NotEmpty().WithMessage("Say who registers; it is recorded.");
        RuleFor(register => register.Onnx).Must((register, onnx) => onnx.IsEmpty != (register.Digest is null))
            .WithMessage("Give either the ONNX bytes or the digest of stored ones.");
        RuleFor(register => register.Digest).Matches("^[0-9a-f]{64}$").WithMessage("A digest is SHA-256 as 64 lower-case hexadecimal digits.");
        RuleForEach(register => register.Metrics).Must(metric => double.IsFinite(metric.Value))
            .WithMessage("A metric has to be a finite number; leave out what could not be measured.");
    }
}

internal sealed class RegisterModelHandler(IRegistry registry, IEventLog log, IModelStore store, IScorer scorer)
    : IRequestHandler<RegisterModel, ModelRegistration>
{
    public async Task<ModelRegistration> Handle(RegisterModel request, CancellationToken cancellationToken)
    {
        var current = ModelFamily.Current(registry);
        var entry = ModelFamily.Find(current, request.Model);
        var service = ModelFamily.Service(current, entry.Definition.Service);
        var digest = request.Digest ?? await store.PutAsync(request.Onnx, cancellationToken);
        if (entry.Versions.FirstOrDefault(version => version.Digest == digest && version.ServiceDigest == service.Digest && version.TrainingSetDigest == request.TrainingSetDigest) is { } known)
            return new ModelRegistration(known, null);

        await CheckInputsAsync(request.Model, digest, service.Reference, service.Features.Count, cancellationToken);
        var registered = new ModelRegistered(
            request.Model, entry.Versions.Count + 1, digest, service.Reference, service.Digest, request.TrainingSetDigest, request.Metrics, request.By);
        var eventId = EventIds.Derive("model-registered", request.Model, registered.Version.ToString(System.Globalization.CultureInfo.InvariantCulture), digest, service.Digest, request.TrainingSetDigest ?? "");
        var metadata = new EventMetadata { CorrelationId = request.CorrelationId ?? Guid.NewGuid().ToString(), Producer = request.By };
        var stream = DefinitionStreams.Of(DefinitionKind.Model, request.Model);
        var appended = await log.AppendToStreamAsync(
            stream, DefinitionStreams.Expected(current, stream), [DefinitionJson.ToEventData(registered, eventId, metadata)], cancellationToken);
        await registry.SeenAsync(appended.Position, ModelFamily.SeenDeadline, cancellationToken);
        return new ModelRegistration(registry.Current.Models[request.Model].Versions[registered.Version - 1], appended.Position);
    }

    private async Task CheckInputsAsync(string model, string digest, string service, int inputs, CancellationToken cancellation)
    {
        try
        {
            (await scorer.LoadAsync(digest, inputs, cancellation)).Dispose();
        }
        catch (ModelInvalidException invalid)
        {
            throw Decision.Rejected(
                "model-unfit", $"The bytes {digest[..12]} cannot serve '{model}', which reads the {inputs} features of {service}: {invalid.Message}",
                "Export a model with one float32 input 'features' of that width that gives a probability, and register that.", invalid);
        }
    }
}
