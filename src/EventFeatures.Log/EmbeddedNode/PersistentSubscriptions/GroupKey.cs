namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>A group of consumers: what it reads, a stream or the whole log, and its own name.</summary>
internal sealed record GroupKey(string Source, string Group)
{
    /// <summary>The name that stands for the whole log; no stream can have it.</summary>
    public const string WholeLog = "$all";

    /// <summary>How the names of the streams begin that groups keep their checkpoints and parked events in.</summary>
    public const string OwnStreamsPrefix = "$persistentsubscription-";

    public bool IsWholeLog => string.Equals(Source, WholeLog, StringComparison.Ordinal);

    /// <summary>What clients know the group by.</summary>
    public string SubscriptionId => $"{Source}::{Group}";

    public string CheckpointStream => $"{OwnStreamsPrefix}{SubscriptionId}-checkpoint";

    public string ParkedStream => $"{OwnStreamsPrefix}{SubscriptionId}-parked";

    public override string ToString() => SubscriptionId;
}
