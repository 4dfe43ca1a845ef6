using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Core.Definitions;

/// <summary>What holds between a feature service and the views that it reads.</summary>
internal static class ServiceRules
{
    /// <summary>The service with every view pinned to a version, or <see langword="null"/> after an issue.</summary>
    public static FeatureService? Pin(
        RegistrySnapshot registered, FeatureService service, IReadOnlyDictionary<string, int>? pins, Func<string, bool> isBroken, List<DefinitionIssue> issues)
    {
        var features = new List<ServiceFeature>();
        var isComplete = true;
        foreach (var (feature, index) in service.Features.Select((feature, index) => (feature, index)))
        {
            var pinned = feature.View is null ? feature : Pin(registered, feature, pins, isBroken, $"features[{index}].feature", issues);
            isComplete &= pinned is not null;
            features.Add(pinned ?? feature);
        }
        return isComplete ? service with { Features = features } : null;
    }

    private static ServiceFeature? Pin(
        RegistrySnapshot registered, ServiceFeature feature, IReadOnlyDictionary<string, int>? pins, Func<string, bool> isBroken, string path, List<DefinitionIssue> issues)
    {
        var name = feature.View!;
        if (isBroken(name)) return null;
        var versions = registered.Views.Keys.Where(view => view.Name == name).Select(view => view.Version).ToList();
        if (versions.Count == 0)
        {
            issues.Add(new DefinitionIssue("reference-unknown", $"There is no FeatureView '{name}', neither in these files nor registered.{Suggestion.For(name, registered.Views.Keys.Select(view => view.Name))}", path));
            return null;
        }
        // A retired version is nobody's newest, unless there is no other; whoever plans hears of it then.
        var projected = versions.Where(one => !registered.RetiredViews.ContainsKey(new ViewReference(name, one))).ToList();
        var version = feature.ViewVersion ?? (pins?.TryGetValue(name, out var pin) == true ? pin : projected.Count > 0 ? projected.Max() : versions.Max());
        if (!registered.Views.TryGetValue(new ViewReference(name, version), out var view))
        {
            issues.Add(new DefinitionIssue("reference-unknown", $"The FeatureView '{name}' has no version {version}; it has {string.Join(", ", versions.Order())}.", path));
            return null;
        }
        var known = view.View.Features.Select(one => one.Name).ToList();
        if (known.Contains(feature.Feature!)) return feature with { ViewVersion = version };
        issues.Add(new DefinitionIssue("reference-unknown", $"The FeatureView {name}@v{version} has no feature '{feature.Feature}'.{Suggestion.For(feature.Feature!, known)}", path));
        return null;
    }
}
