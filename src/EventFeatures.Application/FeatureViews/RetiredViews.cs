using EventFeatures.Application.Definitions;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;

namespace EventFeatures.Application.FeatureViews;

/// <summary>A version of a view is projected no more, and its rows are dropped. What was predicted with it is still replayed from the log.</summary>
/// <param name="View">The view's name.</param>
/// <param name="Version">The version.</param>
/// <param name="Digest">The digest of its definition.</param>
/// <param name="By">Who retired it.</param>
/// <param name="Why">Why.</param>
public sealed record FeatureViewVersionRetired(string View, int Version, string Digest, string By, string Why)
{
    /// <summary>The event to append after a revision of the view's stream. A version may be retired again after it was revived.</summary>
    internal EventData ToEventData(long revision, EventMetadata metadata) => DefinitionJson.ToEventData(
        this, EventIds.Derive("view-version-retired", View, FormattableString.Invariant($"{Version}"), FormattableString.Invariant($"{revision}")), metadata);
}

/// <summary>A retired version of a view is projected again, from the log's first event on.</summary>
/// <param name="View">The view's name.</param>
/// <param name="Version">The version.</param>
/// <param name="Digest">The digest of its definition.</param>
/// <param name="By">Who revived it.</param>
/// <param name="Why">Why.</param>
public sealed record FeatureViewVersionRevived(string View, int Version, string Digest, string By, string Why)
{
    /// <summary>The event to append after a revision of the view's stream.</summary>
    internal EventData ToEventData(long revision, EventMetadata metadata) => DefinitionJson.ToEventData(
        this, EventIds.Derive("view-version-revived", View, FormattableString.Invariant($"{Version}"), FormattableString.Invariant($"{revision}")), metadata);
}

/// <summary>What a retired version may not be used for, and what keeps one from being retired.</summary>
internal static class RetiredViews
{
    /// <exception cref="RefusedException">The version is retired.</exception>
    public static void Refuse(RegistrySnapshot registered, ViewReference view)
    {
        if (!registered.RetiredViews.TryGetValue(view, out var retired)) return;
        throw Decision.Rejected("view-retired", $"The feature view {view} was retired by {Told(retired)}", NextStep(view));
    }

    /// <summary>What is wrong with a definition that was just added, because of a retired version; null when nothing is.</summary>
    public static DefinitionIssue? In(RegistrySnapshot registered, Definition definition)
    {
        if (registered.RetiredViews.Count == 0) return null;
        var service = definition switch
        {
            FeatureService declared => registered.Services[declared.Reference],
            Model model => registered.Services[registered.Models[model.Name].Definition.Service],
            _ => null,
        };
        if (service is null || ViewsOf(service).FirstOrDefault(registered.RetiredViews.ContainsKey) is not { Name: not null } view) return null;
        return new DefinitionIssue("view-retired", $"{service.Reference} reads {view}, which was retired by {Told(registered.RetiredViews[view])} {NextStep(view)}", definition is Model ? "service" : "features");
    }

    /// <summary>The services that name a version and are in use: the newest of their name, and those that models read.</summary>
    public static IReadOnlyList<string> UsersOf(RegistrySnapshot registered, ViewReference view) =>
    [
        .. from service in registered.Services.Values
           where ViewsOf(service).Contains(view)
           let models = registered.Models.Values.Where(model => model.Definition.Service == service.Reference || model.Champion?.Service == service.Reference)
               .Select(model => $"'{model.Definition.Name}'").Order(StringComparer.Ordinal).ToList()
           where models.Count > 0 || registered.Services.Values.All(other => other.Name != service.Name || other.Version <= service.Version)
           orderby service.Reference
           select models.Count == 0 ? service.Reference : $"{service.Reference} (which {(models.Count == 1 ? "the model" : "the models")} {string.Join(", ", models)} read{(models.Count == 1 ? "s" : "")})",
    ];

    private static IEnumerable<ViewReference> ViewsOf(FeatureService service) => service.Features
        .Where(feature => feature.View is not null).Select(feature => new ViewReference(feature.View!, feature.ViewVersion ?? 1)).Distinct();

    private static string Told(RetiredVersion retired) => $"{retired.By}{(retired.Why.Length > 0 ? $": {retired.Why.TrimEnd('.')}" : "")}.";

    private static string NextStep(ViewReference view) =>
        FormattableString.Invariant($"Name another version, or have it projected again from the log: views revive {view.Name} --version {view.Version}.");
}
