using System.Globalization;
using System.Runtime.CompilerServices;
using EventFeatures.Application.FeatureServices;
using EventFeatures.Core.Contracts;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Models;

namespace EventFeatures.Application.Catalog;

/// <summary>Folds the registry into its column graph, once for each moment of the registry.</summary>
public static class ColumnGraphs
{
    /// <summary>The contract of the events that a model's answers are.</summary>
    internal const string Predictions = BuiltInContracts.NamePrefix + "prediction/1";

    private const string Outcomes = BuiltInContracts.NamePrefix + "outcome/1";

    /// <summary>The fields of <see cref="Predictions"/> that a model's score makes.</summary>
    internal static readonly IReadOnlyList<string> Answers = ["score", "confidence", "decision"];

    private static readonly ConditionalWeakTable<RegistrySnapshot, ColumnGraph> Known = [];

    /// <summary>The graph of every version of all that is registered.</summary>
    public static ColumnGraph Of(RegistrySnapshot registered) => Known.GetValue(registered, Fold);

    private static ColumnGraph Fold(RegistrySnapshot registered)
    {
        var fields =
            from contract in registered.Contracts.Values
            from name in contract.EventTypes.Values.SelectMany(type => type.Fields).Select(field => field.Name).Concat(ColumnUses.Envelope).Distinct()
            select new ColumnNode(ColumnKind.Field, contract.Reference, name);
        var features =
            from view in registered.ProjectedViews
            from feature in view.Value.View.Features
            select new ColumnNode(ColumnKind.Feature, view.Key.ToString(), feature.Name);
        var models = registered.Models.Keys.Select(model => new ColumnNode(ColumnKind.Model, model, ""));
        return new ColumnGraph(
            [.. fields, .. features, .. models],
            [
                .. registered.ProjectedViews.OrderBy(view => view.Key.Name, StringComparer.Ordinal).ThenBy(view => view.Key.Version).SelectMany(view => OfView(view.Key, view.Value, registered)),
                .. registered.Services.Values.OrderBy(service => service.Name, StringComparer.Ordinal).ThenBy(service => service.Version).SelectMany(service => OfService(service, registered)),
                .. registered.Models.Values.OrderBy(model => model.Definition.Name, StringComparer.Ordinal).SelectMany(OfModel),
                .. Outcome("score"), .. Outcome("decision"),
            ]);
    }

    private static IEnumerable<ColumnEdge> OfView(ViewReference reference, CompiledView view, RegistrySnapshot registered)
    {
        var features = view.View.Features.ToDictionary(feature => feature.Name);
        foreach (var use in ColumnUses.Of(view, registered.Entities[view.View.Entity]))
        {
            var feature = features[use.Feature];
            yield return new ColumnEdge(
                new ColumnNode(ColumnKind.Field, use.Contract, use.Field), new ColumnNode(ColumnKind.Feature, reference.ToString(), use.Feature),
                UsageOf(use.Role, feature), use.Role == ColumnRole.Of ? $"{feature.Aggregate} of {use.Text}" : use.Text);
        }
    }

    private static IEnumerable<ColumnEdge> OfService(FeatureService service, RegistrySnapshot registered)
    {
        var compiled = ServiceCatalog.Definition(registered, service.Reference);
        var whole = new ColumnNode(ColumnKind.Service, service.Reference, "");
        for (var i = 0; i < service.Features.Count; i++)
        {
            var (feature, input) = (service.Features[i], new ColumnNode(ColumnKind.Input, service.Reference, service.Features[i].Name));
            if (compiled.SourceOf(i) is { } source)
            {
                var view = compiled.Views[source.View];
                yield return new ColumnEdge(
                    new ColumnNode(ColumnKind.Feature, view.Reference.ToString(), view.View.View.Features[source.Feature].Name), input, ColumnUsage.Feature, "");
            }
            foreach (var name in compiled.DependsOn(i))
            {
                // As the compiler decides it: a context field goes before an input of the same name.
                var kind = service.Context.Any(field => field.Name == name) ? ColumnKind.Context : ColumnKind.Input;
                yield return new ColumnEdge(new ColumnNode(kind, service.Reference, name), input, ColumnUsage.OnDemand, feature.Expression ?? "");
            }
            yield return new ColumnEdge(input, whole, ColumnUsage.Input, (i + 1).ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The family's service, and those for which its versions were registered.</summary>
    private static IEnumerable<ColumnEdge> OfModel(ModelEntry model)
    {
        var node = new ColumnNode(ColumnKind.Model, model.Definition.Name, "");
        foreach (var service in model.Versions.Select(version => version.Service).Prepend(model.Definition.Service).Distinct())
        {
            var versions = model.Versions.Where(version => version.Service == service)
                .Select(version => $"v{version.Version}{(version.Version == model.ChampionVersion ? " (champion)" : "")}");
            yield return new ColumnEdge(new ColumnNode(ColumnKind.Service, service, ""), node, ColumnUsage.Scored, string.Join(", ", versions));
        }
        foreach (var answer in Answers)
            yield return new ColumnEdge(node, new ColumnNode(ColumnKind.Field, Predictions, answer), ColumnUsage.Answer, "");
    }

    private static IEnumerable<ColumnEdge> Outcome(string field) =>
        [new ColumnEdge(new ColumnNode(ColumnKind.Field, Predictions, field), new ColumnNode(ColumnKind.Field, Outcomes, field), ColumnUsage.Repeated, "")];

    private static ColumnUsage UsageOf(ColumnRole role, Feature feature) => role switch
    {
        ColumnRole.Of => ColumnUsage.Of,
        ColumnRole.Where => ColumnUsage.Where,
        ColumnRole.SourceWhere => ColumnUsage.SourceWhere,
        ColumnRole.GroupBy => ColumnUsage.GroupBy,
        ColumnRole.Since => ColumnUsage.Since,
        ColumnRole.Key => ColumnUsage.Key,
        ColumnRole.EventTime => AggregateCatalog.Find(feature.Aggregate)?.IsOfTimes == true ? ColumnUsage.OfTimes : ColumnUsage.EventTime,
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
