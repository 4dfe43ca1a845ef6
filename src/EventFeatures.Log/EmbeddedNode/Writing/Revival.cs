using EventFeatures.Core.Events;

namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>
/// The metadata event that follows, in the same commit, what was appended to a deleted stream: it shows the stream
/// again from there on. It is nobody's request, so nobody is answered.
/// </summary>
internal sealed class Revival(string stream, EncodedEvents encoded) : AppendRequest(stream, Protocol.Expected.Any, encoded.Events, encoded.Rows, encoded.Offsets, long.MaxValue)
{
    /// <summary>The stream's metadata as it was, but for what stays hidden.</summary>
    public static Revival Of(string stream, StreamMetadata metadata, long fromRevision) =>
        new(stream, SystemEvents.Metadata(stream, metadata with { TruncateBefore = fromRevision }));

    public override void Complete(AppendOutcome outcome)
    {
    }
}
