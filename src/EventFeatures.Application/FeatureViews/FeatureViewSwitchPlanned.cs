using EventFeatures.Application.Definitions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Application.FeatureViews;

/// <summary>A version of a view is to serve by the view's name once it has caught up; until another switch is decided on.</summary>
/// <param name="View">The view's name.</param>
/// <param name="Version">The version.</param>
/// <param name="Digest">The digest of its definition.</param>
/// <param name="By">Who asked for it.</param>
/// <param name="Why">Why.</param>
public sealed record FeatureViewSwitchPlanned(string View, int Version, string Digest, string By, string Why)
{
    /// <summary>The plan for a definition that is applied; null where it is no view, or the first version of one, which serves anyway.</summary>
    internal static FeatureViewSwitchPlanned? Of(Definition applied, RegistrySnapshot registered, string by, string why) =>
        applied is FeatureView view && registered.ServedView(view.Name) is not null
            ? new FeatureViewSwitchPlanned(view.Name, view.Version, view.Digest, by, why)
            : null;

    /// <summary>The event to append. A version comes into force once, so it is planned for once.</summary>
    /// <param name="metadata">Its metadata.</param>
    /// <param name="lost">How often the version was appended before and did not come into force.</param>
    internal EventData ToEventData(EventMetadata metadata, int lost) => DefinitionJson.ToEventData(
        this, EventIds.Derive(["view-switch-planned", View, FormattableString.Invariant($"{Version}"), Digest, .. DefinitionApplied.Attempt(lost)]), metadata);
}
