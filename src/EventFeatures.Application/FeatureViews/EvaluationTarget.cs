using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Values;

namespace EventFeatures.Application.FeatureViews;

/// <summary>A feature as an evaluation writes it.</summary>
internal sealed record EvaluatedFeature(string Name, Value Value, FeatureStatus Status);

/// <summary>What is evaluated: one view, or a service over several.</summary>
/// <param name="Views">The views to read.</param>
/// <param name="Evaluate">Puts the features together from each view's values and the spine line.</param>
internal sealed record EvaluationTarget(
    IReadOnlyList<ServiceView> Views, Func<IReadOnlyList<IReadOnlyList<FeatureValue>>, SpineLine, IReadOnlyList<EvaluatedFeature>> Evaluate)
{
    /// <summary>A view; its features go by their names within it.</summary>
    /// <exception cref="RefusedException">There is no such view.</exception>
    public static EvaluationTarget OfView(RegistrySnapshot registry, string name)
    {
        var (reference, view) = Find("view", name, registry.Views.Select(pair => (pair.Key.Name, pair.Key.Version, pair.Value)));
        var features = view.View.Features;
        return new EvaluationTarget(
            [new ServiceView(reference, view, registry.Entities[view.View.Entity])],
            (readings, _) => [.. features.Select((feature, index) => new EvaluatedFeature(feature.Name, readings[0][index].Value, readings[0][index].Status))]);
    }

    /// <summary>A service; its context comes from the spine's columns of the same names.</summary>
    /// <exception cref="RefusedException">There is no such service.</exception>
    public static EvaluationTarget OfService(RegistrySnapshot registry, string name)
    {
        var (_, service) = Find("service", name, registry.Services.Values.Select(one => (one.Name, one.Version, one)));
        var compiled = CompiledService.Compile(service, registry.Views, registry.Entities, forModel: false);
        var keys = compiled.Views.SelectMany(view => view.Entity.Keys.Select(part => part.Name).Append(view.Entity.Name)).ToHashSet(StringComparer.Ordinal);
        return new EvaluationTarget(compiled.Views, (readings, line) =>
        {
            var context = compiled.BindContext(line.Context(service, keys), (field, problem) => throw line.Line.Wrong($"{field}: {problem}"));
            return [.. compiled.Assemble(readings, context).Values.Select(value => new EvaluatedFeature(value.Name, value.Value, value.Status))];
        });
    }

    private static (ViewReference, T) Find<T>(string what, string name, IEnumerable<(string Name, int Version, T Item)> known)
    {
        var all = known.ToList();
        var isReference = DefinitionReference.TryParse(name, out var reference);
        var found = all.Where(one => isReference && one.Name == reference.Name && (reference.Version ?? one.Version) == one.Version).ToList();
        if (found.Count == 0)
            throw Decision.Rejected(
                what + "-unknown", $"The definitions hold no {what} '{name}'.{Suggestion.For(reference.Name, all.Select(one => one.Name))}",
                "Name one that they hold, as name or name@v1.");
        var newest = found.MaxBy(one => one.Version);
        return (new ViewReference(newest.Name, newest.Version), newest.Item);
    }
}
