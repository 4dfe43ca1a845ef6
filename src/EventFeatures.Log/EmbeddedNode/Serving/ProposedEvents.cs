using EventFeatures.Log.EmbeddedNode.Links;
using EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.EmbeddedNode.Writing;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;

namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>
/// Collects the events of one append as they come, checked, and holds no more than an append may have: past the
/// limit it only remembers that the append is too large.
/// </summary>
/// <param name="identifier">The stream, whose name each row repeats; not checked yet, and <see langword="null"/> where none is given.</param>
internal sealed class ProposedEvents(StreamIdentifier? identifier)
{
    // No append of events that are worth their names comes near; small ones of a long name are a thousand times what they count for.
    private const long RowBytesMax = 16L * WireNames.AppendBytesMax;

    private readonly record struct Proposed(Guid Id, string Type, bool IsJson, ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> Metadata);

    private readonly List<Proposed> _events = [];

    // A name that is longer is refused as such.
    private readonly int _streamBytes = Math.Min(identifier?.StreamName.Length ?? 0, LogSchema.StreamNameBytesMax);
    private long _rowBytes;

    /// <summary>Bytes as a real server counts them: payloads, and two for each character of a type.</summary>
    public long Bytes { get; private set; }

    public bool IsTooLarge => Bytes > WireNames.AppendBytesMax || _rowBytes > RowBytesMax;

    /// <summary>The stream's name, or a refusal that says what is wrong with it.</summary>
    public static string RequireStream(StreamIdentifier? identifier)
    {
        var stream = StreamNames.TryRead(identifier)
            ?? throw Refusals.Invalid(identifier is null ? "The request names no stream." : "The stream's name is not UTF-8.");
        if (stream.Length == 0) throw Refusals.Invalid("The stream's name is empty.");
        if (stream.Contains('\0', StringComparison.Ordinal)) throw Refusals.Invalid("The stream's name contains a NUL character.");
        if (identifier!.StreamName.Length > LogSchema.StreamNameBytesMax)
            throw Refusals.Invalid(FormattableString.Invariant($"The stream's name has {identifier.StreamName.Length} bytes; at most {LogSchema.StreamNameBytesMax} are taken."));
        return stream;
    }

    /// <summary>Refuses appends to names that only the protocol itself uses.</summary>
    public static string RequireAppendable(StreamIdentifier? identifier)
    {
        var stream = RequireStream(identifier);
        if (stream == "$all") throw Refusals.Invalid("'$all' is the whole log; append to a stream.");
        if (GroupKey.IsNodesOwn(stream)) throw Refusals.Invalid($"'{stream}' is written by the node itself, which keeps its persistent subscriptions there.");
        return LinkStream.Of(stream) is null ? stream : throw Refusals.Invalid($"'{stream}' is made of links by the node itself; append to the streams that they lead to.");
    }

    /// <summary>Refuses to delete what the protocol itself keeps.</summary>
    public static string RequireDeletable(StreamIdentifier? identifier)
    {
        var stream = RequireAppendable(identifier);
        return SystemStreams.IsMetadata(stream)
            ? throw Refusals.Invalid($"'{stream}' holds the metadata of '{SystemStreams.OriginalOf(stream)}' and goes with it; delete that stream, or append other metadata.")
            : stream;
    }

    /// <summary>Refuses to close for ever what the protocol itself keeps or adds to.</summary>
    public static string RequireClosable(StreamIdentifier? identifier)
    {
        var stream = RequireDeletable(identifier);
        return GroupKey.IsParked(stream)
            ? throw Refusals.Invalid($"'{stream}' is where the node parks events of a persistent subscription, and could park none any more; delete it instead.")
            : stream;
    }

    /// <summary>Adds an event of an append in a call of its own.</summary>
    /// <exception cref="RpcException">It is refused.</exception>
    public void Add(AppendReq.Types.ProposedMessage message) => Add(
        Uuids.TryRead(message.Id, out var id) ? id : null,
        message.Metadata.TryGetValue(WireNames.TypeKey, out var type) ? type : null,
        message.Metadata.TryGetValue(WireNames.ContentTypeKey, out var contentType) ? contentType == WireNames.Json : null,
        message.Data.Memory, message.CustomMetadata.Memory);

    /// <summary>Adds an event.</summary>
    /// <param name="id">Its id; <see langword="null"/> where none can be read.</param>
    /// <param name="type">Its type; <see langword="null"/> where it states none.</param>
    /// <param name="isJson">Whether its content type is JSON; <see langword="null"/> where it states none.</param>
    /// <param name="data">Its payload, which is copied when the rows are encoded.</param>
    /// <param name="metadata">Its metadata, likewise.</param>
    /// <exception cref="RpcException">It is refused.</exception>
    public void Add(Guid? id, string? type, bool? isJson, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> metadata)
    {
        if (id is not { } eventId) throw Refusals.Invalid("A proposed event has no valid id; give a UUID.");
        if (type is null) throw Refusals.MissingProperty(WireNames.TypeKey);
        if (isJson is null) throw Refusals.MissingProperty(WireNames.ContentTypeKey);
        if (type.Length == 0) throw Refusals.Invalid($"Event {eventId} has an empty type.");
        if (type.Contains('\0', StringComparison.Ordinal)) throw Refusals.Invalid($"The type of event {eventId} contains a NUL character.");
        Bytes += data.Length + metadata.Length + 2L * type.Length;
        _rowBytes += EventRow.Size(stream: "", type, data.Length, metadata.Length) + _streamBytes;
        if (IsTooLarge) _events.Clear();
        else _events.Add(new Proposed(eventId, type, isJson.Value, data, metadata));
    }

    /// <summary>Encodes the rows, whose payloads the stored events share.</summary>
    public EncodedEvents Encode(string stream)
    {
        var rows = GC.AllocateUninitializedArray<byte>((int)_rowBytes);
        var offsets = new int[_events.Count];
        var events = new StoredEvent[_events.Count];
        var at = 0;
        for (var i = 0; i < events.Length; i++)
        {
            var proposed = _events[i];
            offsets[i] = at;
            at = EventRow.Encode(
                rows, at, proposed.Id, proposed.IsJson, stream, proposed.Type, proposed.Data.Span, proposed.Metadata.Span,
                out var data, out var metadata);
            events[i] = new StoredEvent(
                stream, proposed.Type, proposed.Id, proposed.IsJson, rows.AsMemory()[data], rows.AsMemory()[metadata]);
        }
        return new EncodedEvents(events, rows, offsets);
    }
}
