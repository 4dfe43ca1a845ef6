namespace EventFeatures.Log.Protocol;

/// <summary>The streams and event types by which the protocol speaks of other streams.</summary>
internal static class SystemStreams
{
    /// <summary>What the name of a stream's metadata stream starts with.</summary>
    public const string MetadataPrefix = "$$";

    /// <summary>The type of a metadata stream's events.</summary>
    public const string MetadataType = "$metadata";

    /// <summary>The type of the event that closes a stream for ever.</summary>
    public const string DeletedType = "$streamDeleted";

    /// <summary>The type of an event that only names another.</summary>
    public const string LinkType = "$>";

    /// <summary>The stream that holds a stream's metadata.</summary>
    public static string MetadataOf(string stream) => MetadataPrefix + stream;

    /// <summary>Whether a stream holds the metadata of another.</summary>
    public static bool IsMetadata(string stream) =>
        stream.Length > MetadataPrefix.Length && stream.StartsWith(MetadataPrefix, StringComparison.Ordinal);

    /// <summary>The stream that a metadata stream speaks of.</summary>
    public static string OriginalOf(string metadataStream) => metadataStream[MetadataPrefix.Length..];
}
