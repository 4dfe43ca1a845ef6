using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Application.FeatureServices;

/// <summary>The registered services, and what callers ask for besides, compiled once for each moment of the registry.</summary>
internal static class ServiceCatalog
{
    // Callers usually ask for the same few selections; whoever asks for ever new ones pays for compiling them.
    private const int SelectionsMax = 1_000;

    private static readonly ConditionalWeakTable<RegistrySnapshot, Moment> Moments = [];

    /// <summary>
    /// The service of a reference, <c>name@v1</c> or <c>name</c> for its newest version. It may hold what no model reads:
    /// whether a model's does was checked when the model was applied. Its views are projected.
    /// </summary>
    public static CompiledService Find(RegistrySnapshot registered, string reference)
    {
        var service = Definition(registered, reference);
        if (registered.RetiredViews.Count > 0)
            foreach (var view in service.Views) RetiredViews.Refuse(registered, view.Reference);
        return service;
    }

    /// <summary>The same for whoever reads no values; its views may be retired.</summary>
    public static CompiledService Definition(RegistrySnapshot registered, string reference) =>
        Moments.GetOrCreateValue(registered).Services.GetOrAdd(reference, wanted =>
            CompiledService.Compile(Service(registered, wanted), registered.Views, registered.Entities, forModel: false));

    /// <summary>What a read asks for: a service or, without one, all features of some views and some single features.</summary>
    public static CompiledService Find(
        RegistrySnapshot registered, string? service, IReadOnlyList<string> views, IReadOnlyList<string> features)
    {
        if (!string.IsNullOrEmpty(service)) return Find(registered, service);
        var selections = Moments.GetOrCreateValue(registered).Selections;
        // No name that is found holds a line's end, so different selections have different texts. A whole view is what most ask for.
        var selection = views.Count == 1 && features.Count == 0 ? views[0] : $"{string.Join('\n', views)}\n\n{string.Join('\n', features)}";
        if (selections.TryGetValue(selection, out var known)) return known;
        var compiled = AdHocService.Of(registered, views, features);
        if (selections.Count < SelectionsMax) selections.TryAdd(selection, compiled);
        return compiled;
    }

    /// <summary>The view of a reference, <c>name@v1</c> or <c>name</c> for the version that serves.</summary>
    public static CompiledView View(RegistrySnapshot registered, string reference)
    {
        var found = registered.Views.FirstOrDefault(view => view.Key.ToString() == reference || view.Key == registered.ServedView(reference));
        if (found.Value is null)
            throw Decision.Rejected("view-unknown", $"There is no feature view '{reference}'.", Known(registered.ProjectedViews.Select(view => view.Key.ToString()), "feature views"));
        RetiredViews.Refuse(registered, found.Key);
        return found.Value;
    }

    private static FeatureService Service(RegistrySnapshot registered, string reference) => registered.Services.Values
        .Where(service => service.Reference == reference || service.Name == reference)
        .OrderByDescending(service => service.Version)
        .FirstOrDefault()
        ?? throw Decision.Rejected("service-unknown", $"There is no feature service '{reference}'.", Known(registered.Services.Keys, "feature services"));

    internal static string Known(IEnumerable<string> names, string what)
    {
        var known = names.Order(StringComparer.Ordinal).Take(20).ToList();
        return known.Count == 0 ? $"No {what} are registered yet; apply their definitions first." : $"The {what} are: {string.Join(", ", known)}.";
    }
    private sealed class Moment
    {
        public ConcurrentDictionary<string, CompiledService> Services { get; } = new(StringComparer.Ordinal);

        public ConcurrentDictionary<string, CompiledService> Selections { get; } = new(StringComparer.Ordinal);
    }
}
