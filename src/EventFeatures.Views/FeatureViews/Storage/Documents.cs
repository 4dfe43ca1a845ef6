namespace EventFeatures.Views.FeatureViews.Storage;

/// <summary>
/// The online view's document: one an entity, in the tenant named after the view's version. The state is what counts;
/// the values are for people who look with SQL, as of the entity's newest event. <see cref="OnlineEntityJson"/> writes it.
/// </summary>
public sealed class OnlineEntity
{
    /// <summary>The entity's key, as <see cref="PostgresText"/> writes it.</summary>
    public string Id { get; set; } = "";

    public long LastRevision { get; set; }

    public ulong LastPosition { get; set; }

    /// <summary>The newest event time, in microseconds since 1970; the instant that the values describe.</summary>
    public long? AsOfMicroseconds { get; set; }

    public Dictionary<string, string?> Values { get; set; } = [];

    /// <summary>The canonical bytes of the kernels' state.</summary>
    public byte[] State { get; set; } = [];
}

/// <summary>
/// What the database holds of a view's version: which definition, in which format. How far it has come is said
/// partition by partition, in <c>view_partition</c>.
/// </summary>
public sealed class ViewCheckpoint
{
    /// <summary>The view's version, for example <c>card_activity@v1</c>.</summary>
    public string Id { get; set; } = "";

    /// <summary>
    /// The last position covered when the view was not divided into partitions yet. It and the counts are taken over
    /// when the partitions are made, and do not change afterwards.
    /// </summary>
    public ulong? Position { get; set; }

    /// <summary>The digest of the view's definition.</summary>
    public string ViewDigest { get; set; } = "";

    /// <summary>The format of the states; 0 where it is not said.</summary>
    public int StateFormat { get; set; }

    /// <summary>From what the view was built, for people; empty where there was nothing but the log.</summary>
    public string BuiltFrom { get; set; } = "";

    public long Entities { get; set; }

    public long Events { get; set; }

    public long Quarantined { get; set; }

    public long Duplicates { get; set; }

    public long Unkeyed { get; set; }
}
