using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;

namespace EventFeatures.Application.Definitions;

/// <summary>The streams that hold definitions and their lifecycle.</summary>
public static class DefinitionStreams
{
    /// <summary>All of them.</summary>
    public static readonly EventFilter Filter = EventFilter.ByStreamPrefix([.. Enum.GetValues<DefinitionKind>().Select(Prefix)]);

    /// <summary>The stream of a name.</summary>
    public static string Of(DefinitionKind kind, string name) => Prefix(kind) + name;

    /// <summary>What a stream has to look like for what is known of it to be all there is.</summary>
    public static StreamState Expected(RegistrySnapshot registry, string stream) =>
        registry.StreamRevisions.TryGetValue(stream, out var revision) ? StreamState.StreamRevision(revision) : StreamState.NoStream;

    private static string Prefix(DefinitionKind kind) => kind switch
    {
        DefinitionKind.DataContract => "contract-",
        DefinitionKind.Entity => "entity-",
        DefinitionKind.FeatureView => "featureview-",
        DefinitionKind.FeatureService => "featureservice-",
        DefinitionKind.Model => "model-",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
