using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureServices;

namespace EventFeatures.Application.FeatureServices;

/// <summary>A service for one read, made of views or of single features by their full names.</summary>
internal static class AdHocService
{
    public static CompiledService Of(RegistrySnapshot registered, IReadOnlyList<string> views, IReadOnlyList<string> features)
    {
        var wanted = views.SelectMany(view => AllOf(registered, view)).Concat(features.Select(feature => One(registered, feature))).ToList();
        var service = new FeatureService
        {
            Name = "request", Version = 1, CanonicalJson = "", Digest = "", Context = [],
            Features = [.. wanted.DistinctBy(feature => feature.Name)],
        };
        return CompiledService.Compile(service, registered.Views, registered.Entities, forModel: false);
    }

    private static IEnumerable<ServiceFeature> AllOf(RegistrySnapshot registered, string reference)
    {
        var view = ServiceCatalog.View(registered, reference).View;
        return view.Features.Select(feature => new ServiceFeature
        {
            Name = $"{view.Name}__{feature.Name}", View = view.Name, ViewVersion = view.Version, Feature = feature.Name,
        });
    }

    /// <summary><c>view__feature</c>, pinned as <c>view__feature@v2</c> or <c>view@v2__feature</c>.</summary>
    private static ServiceFeature One(RegistrySnapshot registered, string name)
    {
        var parted = name.IndexOf("__", StringComparison.Ordinal);
        if (parted < 1 || parted + 2 >= name.Length)
            throw Decision.Rejected("feature-unknown", $"'{name}' does not name a feature.", "Write it as view__feature, or view__feature@v2 to pin a version.");
        var (view, feature) = (name[..parted], name[(parted + 2)..]);
        var pin = feature.IndexOf("@v", StringComparison.Ordinal) is var after and >= 0 ? feature[after..] : "";
        feature = feature[..(feature.Length - pin.Length)];
        var compiled = ServiceCatalog.View(registered, view + pin).View;
        if (!compiled.Features.Any(one => one.Name == feature))
            throw Decision.Rejected("feature-unknown", $"The feature view {compiled.Reference} has no feature '{feature}'.", $"It has {string.Join(", ", compiled.Features.Select(one => one.Name))}.");
        return new ServiceFeature
        {
            Name = name, View = compiled.Name, Feature = feature,
            ViewVersion = compiled.Version,
        };
    }
}
