using EventFeatures.Log.Protocol;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>A group of consumers: what it reads, a stream or the whole log, and its own name.</summary>
internal sealed record GroupKey(string Source, string Group)
{
    /// <summary>The name that stands for the whole log; no stream can have it.</summary>
    public const string WholeLog = "$all";

    /// <summary>How the names of the streams begin that groups keep their checkpoints and parked events in.</summary>
    public const string OwnStreamsPrefix = "$persistentsubscription-";

    /// <summary>The stream that holds all groups' definitions.</summary>
    public const string DefinitionsStream = "$persistentSubscriptionConfig";

    private const string CheckpointSuffix = "-checkpoint";
    private const string ParkedSuffix = "-parked";

    /// <summary>
    /// Whether the node alone writes to a stream, since it relies on what is there; its metadata, by which a scavenge would
    /// take that away, included.
    /// </summary>
    public static bool IsNodesOwn(string stream) =>
        SystemStreams.IsMetadata(stream) ? IsNodesOwn(SystemStreams.OriginalOf(stream))
        : string.Equals(stream, DefinitionsStream, StringComparison.Ordinal)
        || (stream.StartsWith(OwnStreamsPrefix, StringComparison.Ordinal) && stream.EndsWith(CheckpointSuffix, StringComparison.Ordinal));

    /// <summary>Whether a group parks its events in a stream, and would park none any more if it were closed.</summary>
    public static bool IsParked(string stream) =>
        stream.StartsWith(OwnStreamsPrefix, StringComparison.Ordinal) && stream.EndsWith(ParkedSuffix, StringComparison.Ordinal);

    public bool IsWholeLog => string.Equals(Source, WholeLog, StringComparison.Ordinal);

    /// <summary>What clients know the group by.</summary>
    public string SubscriptionId => $"{Source}::{Group}";

    public string CheckpointStream => $"{OwnStreamsPrefix}{SubscriptionId}{CheckpointSuffix}";

    public string ParkedStream => $"{OwnStreamsPrefix}{SubscriptionId}{ParkedSuffix}";

    public override string ToString() => SubscriptionId;
}
