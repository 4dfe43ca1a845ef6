using EventFeatures.Application.FeatureServices;
using EventFeatures.Core.Contracts;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;
using EventFeatures.Core.Values;

namespace EventFeatures.Application.Catalog.OpenLineage;

/// <summary>What is registered, as data sets: contracts' streams, views, services and the values of their requests, models.</summary>
internal sealed class LineageDatasets(RegistrySnapshot registered)
{
    private readonly ColumnGraph _graph = ColumnGraphs.Of(registered);

    /// <summary>The events of a contract: their payload's fields, and the envelope's.</summary>
    public LineageDataset OfContract(DataContract contract)
    {
        var fields =
            from type in contract.EventTypes.Values
            from field in type.Fields
            group (type, field) by field.Name into same
            let field = same.First().field
            select new DatasetField(same.Key, TypeOf(field.Shape), DescriptionOf(field, contract, [.. same.Select(one => one.type.Name)]));
        return new LineageDataset(contract.Reference,
        [
            .. fields,
            new(ColumnUses.EventType, "string", "The event's type."),
            new(ColumnUses.StreamKey, "string", $"What follows '{contract.Category}-' in the stream's name."),
            new(ColumnUses.Time, "timestamp", "The envelope's time."),
        ])
        { Version = contract.Digest };
    }

    /// <summary>A view's rows: the entity's key, and the features.</summary>
    public LineageDataset OfView(ViewReference reference, CompiledView view)
    {
        var entity = registered.Entities[view.View.Entity];
        var features = view.View.Features.Select((feature, i) => new DatasetField(feature.Name, TypeOf(view.FeatureShapes[i]), feature.Aggregate));
        var keys = entity.Keys.Where(key => view.View.Features.All(feature => feature.Name != key.Name)).ToList();
        return new LineageDataset(reference.ToString(), [.. keys.Select(key => new DatasetField(key.Name, TypeOf(key.Type), $"The key of '{entity.Name}'.")), .. features])
        {
            Version = view.View.Digest,
            Origins =
            [
                .. keys.SelectMany(key => KeyOrigins(reference, view, entity.Keys.ToList().IndexOf(key), key.Name)),
                .. view.View.Features.SelectMany(feature => _graph.Into(new ColumnNode(ColumnKind.Feature, reference.ToString(), feature.Name)))
                    .Select(edge => new ColumnOrigin(edge.To.Name, edge.From.Owner, edge.From.Name, edge.Use, edge.Text)),
            ],
        };
    }

    /// <summary>A service's inputs, in the model's order.</summary>
    public LineageDataset OfService(FeatureService service)
    {
        var compiled = ServiceCatalog.Definition(registered, service.Reference);
        return new LineageDataset(service.Reference, [.. service.Features.Select((feature, i) => new DatasetField(feature.Name, TypeOf(compiled.InputKinds[i]), feature.Expression ?? ""))])
        {
            Version = service.Digest,
            Origins = [.. service.Features.SelectMany(feature => InputOrigins(feature.Name, new ColumnNode(ColumnKind.Input, service.Reference, feature.Name)))],
        };
    }

    /// <summary>What requests bring to a service; null where they bring nothing.</summary>
    public static LineageDataset? OfContext(FeatureService service) => service.Context.Count == 0 ? null : new LineageDataset(
        ContextName(service.Reference), [.. service.Context.Select(field => new DatasetField(field.Name, TypeOf(field.Type)))]);

    /// <summary>A model version's bytes.</summary>
    public static LineageDataset OfModel(string model, int version, string digest) => new($"{model}/v{version}", []) { Version = digest };

    /// <summary>A training set: the inputs of its service, and the label.</summary>
    public LineageDataset OfTrainingSet(ModelVersion version)
    {
        var service = registered.Services.TryGetValue(version.Service, out var found) ? OfService(found) : new LineageDataset(version.Service, []);
        return service with
        {
            Name = $"training_set/{version.TrainingSetDigest}", Version = version.TrainingSetDigest,
            Schema = service.Schema.Count == 0 ? [] : [.. service.Schema, new DatasetField("label", "number", "What really happened, where it is known.")],
        };
    }

    /// <summary>The events that a model's answers are, with what the answers are made of.</summary>
    public LineageDataset OfAnswers(FeatureService service) => OfContract(registered.Contracts[ColumnGraphs.Predictions]) with
    {
        Origins =
        [
            .. from answer in ColumnGraphs.Answers
               from feature in service.Features
               select new ColumnOrigin(answer, service.Reference, feature.Name, ColumnUsage.Scored, ""),
        ],
    };

    /// <summary>The columns outside the service that an input is made of, through whatever other inputs stand between.</summary>
    private IEnumerable<ColumnOrigin> InputOrigins(string field, ColumnNode input, bool isDirect = true)
    {
        foreach (var edge in _graph.Into(input))
        {
            if (edge.From.Kind == ColumnKind.Input)
            {
                // Inputs never read each other in a circle; the compiler refuses it.
                foreach (var origin in InputOrigins(field, edge.From, isDirect: false)) yield return origin with { Text = edge.Text };
                continue;
            }
            var dataset = edge.From.Kind == ColumnKind.Context ? ContextName(edge.From.Owner) : edge.From.Owner;
            yield return new ColumnOrigin(field, dataset, edge.From.Name, isDirect ? edge.Use : ColumnUsage.OnDemand, edge.Text);
        }
    }

    /// <summary>What a part of the entity's key is in each source; every feature uses it in the same way.</summary>
    private IEnumerable<ColumnOrigin> KeyOrigins(ViewReference reference, CompiledView view, int part, string name) =>
        from edge in _graph.Into(new ColumnNode(ColumnKind.Feature, reference.ToString(), view.View.Features[0].Name))
        where edge.Use == ColumnUsage.Key
        where view.View.Sources.Where((source, i) => view.Contracts[i].Reference == edge.From.Owner).Any(source => (source.Key?[part] ?? "") == edge.Text)
        select new ColumnOrigin(name, edge.From.Owner, edge.From.Name, ColumnUsage.Feature, edge.Text);

    private static string ContextName(string service) => $"{service}#context";

    private static string DescriptionOf(Field field, DataContract contract, IReadOnlyList<string> types) => string.Join("; ", new[]
    {
        types.Count < contract.EventTypes.Count ? $"of {string.Join(", ", types)}" : "",
        field.Unit is { } unit ? $"in {unit}" : "",
        field.Classification ?? "",
    }.Where(part => part.Length > 0));

    private static string TypeOf(ValueShape shape) => shape.Kind switch
    {
        ValueKind.Array when shape.Element is { } element => $"array<{TypeOf(element)}>",
        ValueKind.Object when shape.Element is { } member => $"map<string, {TypeOf(member)}>",
        _ => shape.Kind.ToString().ToLowerInvariant(),
    };
}
