using EventFeatures.Application.Definitions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Application.FeatureViews;

/// <summary>A version of a view answers from now on whoever names the view alone.</summary>
/// <param name="View">The view's name.</param>
/// <param name="Version">The version.</param>
/// <param name="Digest">The digest of its definition.</param>
/// <param name="PreviousVersion">The version before; null when it served already, and a further version was applied beside it.</param>
/// <param name="By">Who switched.</param>
/// <param name="Why">Why.</param>
public sealed record FeatureViewVersionServed(string View, int Version, string Digest, int? PreviousVersion, string By, string Why)
{
    /// <summary>What says, before a further version of a view is applied, that the present one goes on serving; null where that was said, or there is none.</summary>
    internal static FeatureViewVersionServed? Before(Definition applied, RegistrySnapshot registered, string by) =>
        applied is FeatureView view && !registered.ServedViews.ContainsKey(view.Name) && registered.ServedView(view.Name) is { } serving
            ? new FeatureViewVersionServed(view.Name, serving.Version, registered.Views[serving].View.Digest, null, by, $"{view.Reference} builds beside it.")
            : null;

    /// <summary>The event to append after a revision of the view's stream. The same version may serve again after another.</summary>
    internal EventData ToEventData(long revision, EventMetadata metadata) => DefinitionJson.ToEventData(
        this, EventIds.Derive("view-version-served", View, FormattableString.Invariant($"{Version}"), FormattableString.Invariant($"{revision}")), metadata);
}
