namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>An event id within its stream: the same id in two streams is two events.</summary>
internal readonly record struct StreamEventKey(string Stream, Guid Id)
{
    // The id alone will do, and a stream's name can be long.
    public override int GetHashCode() => (int)EventIdHash.Of(Id);

    public bool Equals(StreamEventKey other) => Id == other.Id && string.Equals(Stream, other.Stream, StringComparison.Ordinal);
}
