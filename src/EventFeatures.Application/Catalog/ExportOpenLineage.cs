using EventFeatures.Application.Catalog.OpenLineage;
using EventFeatures.Application.Predictions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;
using EventFeatures.Core.Time;
using FluentValidation;
using MediatR;

namespace EventFeatures.Application.Catalog;

/// <summary>The lineage of columns, or of one prediction, as OpenLineage events; of all that is registered where nothing is named.</summary>
public sealed record ExportOpenLineage : IRequest<IReadOnlyList<string>>
{
    /// <summary>What is asked about; null for all, or for a prediction.</summary>
    public ColumnSubject? Subject { get; init; }

    /// <summary>Instead: a prediction, as a run.</summary>
    public string? PredictionId { get; init; }

    /// <summary>The namespace of every job and data set. Default: <c>eventfeatures</c>.</summary>
    public string Namespace { get; init; } = "eventfeatures";
}

internal sealed class ExportOpenLineageValidator : AbstractValidator<ExportOpenLineage>
{
    public ExportOpenLineageValidator()
    {
        RuleFor(export => export.Subject!).SetValidator(new ColumnSubjectValidator()).When(export => export.Subject is not null);
        RuleFor(export => export.PredictionId).Null().When(export => export.Subject is not null).WithMessage("Name a prediction, or what is registered; not both.");
        RuleFor(export => export.PredictionId).Must(id => PredictionId.IsValid(id!)).When(export => export.PredictionId is not null).WithMessage(PredictionId.Rule);
        RuleFor(export => export.Namespace).NotEmpty().WithMessage("Name the namespace, or leave it out.");
    }
}

internal sealed class ExportOpenLineageHandler(IRegistry registry, IEventLog log, TimeProvider clock) : IRequestHandler<ExportOpenLineage, IReadOnlyList<string>>
{
    public async Task<IReadOnlyList<string>> Handle(ExportOpenLineage request, CancellationToken cancellationToken)
    {
        var registered = registry.Current;
        var graph = ColumnGraphs.Of(registered);
        var events = new OpenLineageEvents(registered, new OpenLineageWriter(request.Namespace), Instant.FromDateTimeOffset(clock.GetUtcNow()));
        if (request.PredictionId is { } id)
        {
            var prediction = await new Dossiers(log).GetAsync(id, cancellationToken);
            var service = new ColumnNode(ColumnKind.Service, prediction.Made.Service, "");
            return [.. events.Of([service, .. graph.Upstream([service]).Select(step => step.Edge.From)]), .. events.Of(prediction)];
        }
        if (request.Subject is not { } subject) return [.. events.Of(graph.Nodes)];
        var subjects = ColumnSubjects.Find(subject, registry, graph);
        return [.. events.Of(
        [
            .. subjects, .. graph.Upstream(subjects).Select(step => step.Edge.From), .. graph.Downstream(subjects).Select(step => step.Edge.To),
        ])];
    }
}

/// <summary>What is registered as dataset and job events, and what ran once as run events.</summary>
internal sealed class OpenLineageEvents(RegistrySnapshot registered, OpenLineageWriter writer, Instant now)
{
    private readonly LineageDatasets _datasets = new(registered);

    /// <summary>All contracts, views, services and models that some nodes are of, each whole, in the order in which they rest on each other.</summary>
    public IEnumerable<string> Of(IReadOnlyCollection<ColumnNode> nodes)
    {
        var owners = nodes.Select(node => (node.Kind, node.Owner)).ToHashSet();
        foreach (var contract in registered.Contracts.Values.OrderBy(contract => contract.Reference, StringComparer.Ordinal))
            if (owners.Contains((ColumnKind.Field, contract.Reference))) yield return writer.DatasetEvent(_datasets.OfContract(contract), now);
        foreach (var (reference, view) in registered.ProjectedViews.OrderBy(view => view.Key.Name, StringComparer.Ordinal).ThenBy(view => view.Key.Version))
            if (owners.Contains((ColumnKind.Feature, reference.ToString()))) yield return OfView(reference, view);
        foreach (var service in registered.Services.Values.OrderBy(service => service.Name, StringComparer.Ordinal).ThenBy(service => service.Version))
            if (new[] { ColumnKind.Service, ColumnKind.Input, ColumnKind.Context }.Any(kind => owners.Contains((kind, service.Reference)))) yield return OfService(service);
        foreach (var model in registered.Models.Values.OrderBy(model => model.Definition.Name, StringComparer.Ordinal))
            if (owners.Contains((ColumnKind.Model, model.Definition.Name)))
                foreach (var text in OfModel(model)) yield return text;
    }

    /// <summary>A prediction as a run that began with its request and ended when it was durable.</summary>
    public IEnumerable<string> Of(PredictionEntry prediction)
    {
        var made = prediction.Made;
        var job = new LineageJob($"predict.{made.Request.Model}", false, "MODEL");
        var service = registered.Services.TryGetValue(made.Service, out var found) && found.Digest == made.ServiceDigest ? found : null;
        List<LineageDataset> inputs =
        [
            // The position is part of which version of a view was read: it knew of nothing after it.
            .. made.Views.Select(view => new LineageDataset(view.View.ToString(), []) { Version = $"{view.Digest}@{view.KnownAt}" }),
            service is null ? new LineageDataset(made.Service, []) { Version = made.ServiceDigest } : _datasets.OfService(service),
        ];
        if (made.Model is { } model) inputs.Add(LineageDatasets.OfModel(model.Name, model.Version, model.Digest));
        var answers = service is null ? _datasets.OfContract(registered.Contracts[ColumnGraphs.Predictions]) : _datasets.OfAnswers(service);
        List<LineageDataset> outputs = [answers with { Version = prediction.Position.ToString() }];
        var run = EventIds.Derive("openlineage run", "prediction", made.PredictionId);
        var began = prediction.RecordedAt - new Duration(made.Latency.Sum(stage => stage.Microseconds));
        yield return writer.RunEvent("START", run, job, inputs, [], began, made.AsOf);
        yield return writer.RunEvent("COMPLETE", run, job, inputs, outputs, prediction.RecordedAt, made.AsOf);
    }

    private string OfView(ViewReference reference, CompiledView view) => writer.JobEvent(
        new LineageJob($"project.{reference}", true, "VIEW"), view.Contracts.Select(_datasets.OfContract), [_datasets.OfView(reference, view)], now);

    private string OfService(Core.FeatureServices.FeatureService service)
    {
        var context = LineageDatasets.OfContext(service);
        return writer.JobEvent(
            new LineageJob($"serve.{service.Reference}", true, "SERVICE"),
            [.. ViewsOf(service), .. context is null ? Array.Empty<LineageDataset>() : [context]], [_datasets.OfService(service)], now);
    }

    private IEnumerable<LineageDataset> ViewsOf(Core.FeatureServices.FeatureService service) =>
        from view in service.Features.Where(feature => feature.View is not null).Select(feature => new ViewReference(feature.View!, feature.ViewVersion ?? 1)).Distinct()
        where registered.Views.ContainsKey(view)
        select _datasets.OfView(view, registered.Views[view]) with { Origins = [] };

    /// <summary>The model as a job, and the making of each of its versions as a run.</summary>
    private IEnumerable<string> OfModel(ModelEntry model)
    {
        var name = model.Definition.Name;
        foreach (var version in model.Versions)
        {
            var job = new LineageJob($"train.{name}", false, "TRAINING");
            var run = EventIds.Derive("openlineage run", "model version", name, $"{version.Version}", version.Digest);
            List<LineageDataset> inputs = version.TrainingSetDigest is null ? [] : [_datasets.OfTrainingSet(version)];
            // The log knows when a version was registered, and not for how long it had been trained.
            yield return writer.RunEvent("START", run, job, inputs, [], version.RegisteredAt, null);
            yield return writer.RunEvent("COMPLETE", run, job, inputs, [LineageDatasets.OfModel(name, version.Version, version.Digest)], version.RegisteredAt, null);
        }
        var service = registered.Services[model.Definition.Service];
        List<LineageDataset> read = [_datasets.OfService(service) with { Origins = [] }];
        if (model.Champion is { } champion) read.Add(LineageDatasets.OfModel(name, champion.Version, champion.Digest));
        yield return writer.JobEvent(new LineageJob($"predict.{name}", true, "MODEL"), read, [_datasets.OfAnswers(service)], now);
    }
}
