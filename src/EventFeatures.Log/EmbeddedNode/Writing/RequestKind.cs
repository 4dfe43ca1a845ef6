namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>What a request asks the writer to do with its stream.</summary>
internal enum RequestKind
{
    /// <summary>Add events.</summary>
    Append,

    /// <summary>Hide all events, by the stream's metadata, until somebody appends again.</summary>
    Delete,

    /// <summary>Close the stream for ever.</summary>
    Tombstone,
}
