using EventFeatures.Core.FeatureServices;

namespace EventFeatures.Core.Definitions;

/// <summary>What a service's references meant when it was applied.</summary>
public static class ServicePins
{
    /// <summary>The versions that a registered service reads of the views that its file names without one.</summary>
    public static IReadOnlyDictionary<string, int> Of(FeatureService declared, FeatureService pinned) => declared.Features
        .Zip(pinned.Features)
        .Where(pair => pair.First is { View: not null, ViewVersion: null })
        .DistinctBy(pair => pair.First.View)
        .ToDictionary(pair => pair.First.View!, pair => pair.Second.ViewVersion!.Value);
}
