using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Application.FeatureServices;

/// <summary>The registered services, compiled once for each moment of the registry.</summary>
internal static class ServiceCatalog
{
    private static readonly ConditionalWeakTable<RegistrySnapshot, ConcurrentDictionary<string, CompiledService>> Compiled = [];

    /// <summary>The service of a reference, <c>name@v1</c> or <c>name</c> for its newest version.</summary>
    public static CompiledService Find(RegistrySnapshot registered, string reference) =>
        Compiled.GetValue(registered, _ => new ConcurrentDictionary<string, CompiledService>(StringComparer.Ordinal)).GetOrAdd(reference, wanted =>
            CompiledService.Compile(Service(registered, wanted), registered.Views, registered.Entities));

    /// <summary>The view of a reference, <c>name@v1</c> or <c>name</c> for its newest version.</summary>
    public static CompiledView View(RegistrySnapshot registered, string reference) => registered.Views
        .Where(view => view.Key.ToString() == reference || view.Key.Name == reference)
        .OrderByDescending(view => view.Key.Version)
        .Select(view => view.Value)
        .FirstOrDefault()
        ?? throw Decision.Rejected("view-unknown", $"There is no feature view '{reference}'.", Known(registered.Views.Keys.Select(view => view.ToString()), "feature views"));

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
}
