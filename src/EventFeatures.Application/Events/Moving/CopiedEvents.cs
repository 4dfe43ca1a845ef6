using System.Security.Cryptography;
using System.Text;
using EventFeatures.Core.Events;

namespace EventFeatures.Application.Events.Moving;

/// <summary>Which events of a log are copied, how each is known again at the target, and the digest over them.</summary>
internal static class CopiedEvents
{
    private const string RemovedType = "EventRemoved";

    /// <summary>Where a digest begins.</summary>
    public const string NoDigest = "";

    private const string TombstoneType = "$streamDeleted";
    private const string MetadataPrefix = "$$";

    /// <summary>Whether it is in a stream of the server's own, none of which is copied.</summary>
    public static bool IsServers(RecordedEvent recorded) => Speaking(recorded).StartsWith('$');

    /// <summary>Whether it is in this log's own note of what it is called and what was copied into it, which is not copied either.</summary>
    public static bool IsIndex(RecordedEvent recorded) => Speaking(recorded) == PositionMaps.IndexStream;

    /// <summary>An event that stands for one that a scavenge took at the source.</summary>
    public static EventData Placeholder(string stream, long revision) => new(PlaceholderId(stream, revision), RemovedType, "{}"u8.ToArray());

    /// <summary>Whether it is such an event, and not somebody's own of the same type.</summary>
    public static bool IsPlaceholder(RecordedEvent recorded) =>
        recorded.Type == RemovedType && recorded.EventId == PlaceholderId(recorded.StreamId, recorded.Revision);

    /// <summary>Whether it belongs to a stream's metadata: the target may add some of its own, so its revision says nothing.</summary>
    public static bool IsMetadata(RecordedEvent recorded) => recorded.StreamId.StartsWith(MetadataPrefix, StringComparison.Ordinal);

    /// <summary>Whether it closed its stream: the target writes such an event itself.</summary>
    public static bool IsTombstone(RecordedEvent recorded) => recorded.Type == TombstoneType && recorded.Revision == long.MaxValue;

    /// <summary>By what an event is found at the target.</summary>
    public static string KeyOf(RecordedEvent recorded) =>
        IsMetadata(recorded) ? $"{recorded.EventId:N} {recorded.StreamId}" : FormattableString.Invariant($"{recorded.Revision} {recorded.StreamId}");

    /// <summary>Whether two events are the same but for their places and times.</summary>
    public static bool AreSame(RecordedEvent left, RecordedEvent right) =>
        IsTombstone(left)
            ? IsTombstone(right)
            : left.EventId == right.EventId && left.Type == right.Type && left.ContentType == right.ContentType
              && left.Data.Span.SequenceEqual(right.Data.Span) && left.Metadata.Span.SequenceEqual(right.Metadata.Span);

    /// <summary>Continues a digest over events, in their order.</summary>
    public static string Digest(string before, IEnumerable<RecordedEvent> events)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes(before));
        foreach (var recorded in events)
        {
            Append(hash, Encoding.UTF8.GetBytes(recorded.StreamId));
            if (!IsMetadata(recorded)) Append(hash, BitConverter.GetBytes(recorded.Revision));
            Append(hash, Encoding.UTF8.GetBytes(recorded.Type));
            if (IsTombstone(recorded)) continue;
            Append(hash, recorded.EventId.ToByteArray(bigEndian: true));
            Append(hash, Encoding.UTF8.GetBytes(recorded.ContentType));
            Append(hash, recorded.Data.Span);
            Append(hash, recorded.Metadata.Span);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // The stream itself, or the one that a metadata stream speaks of.
    private static string Speaking(RecordedEvent recorded) => IsMetadata(recorded) ? recorded.StreamId[MetadataPrefix.Length..] : recorded.StreamId;

    private static Guid PlaceholderId(string stream, long revision) => EventIds.Derive("event-removed", stream, FormattableString.Invariant($"{revision}"));

    // With its length, so that parts are told apart.
    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        hash.AppendData(BitConverter.GetBytes((long)bytes.Length));
        hash.AppendData(bytes);
    }
}
