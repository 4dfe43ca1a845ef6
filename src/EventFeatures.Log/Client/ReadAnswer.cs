using System.Globalization;
using EventFeatures.Core.Events;
using EventFeatures.Core.Time;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Google.Protobuf;
using Grpc.Core;

namespace EventFeatures.Log.Client;

/// <summary>
/// One message of a read or a subscription. It is decoded by hand, since the generated messages of an event cost more
/// than all else that is done to read it; what is kept of it lies in the bytes that came.
/// </summary>
/// <param name="Message">What it tells; null where that is nothing that a reader waits for.</param>
/// <param name="Prepare">Of a checkpoint: the other part of its position.</param>
internal readonly record struct ReadAnswer(LogMessage? Message, ulong Prepare = 0)
{
    private static readonly Method<ReadReq, byte[]> ReadMethod = new(
        MethodType.ServerStreaming, Streams.Descriptor.FullName, "Read",
        Marshallers.Create<ReadReq>(request => request.ToByteArray(), _ => throw new NotSupportedException("A client is asked for no reads.")),
        Marshallers.Create<byte[]>((_, _) => throw new NotSupportedException("A client answers no reads."), context => context.PayloadAsNewBuffer()));

    /// <summary>Asks for a read; each message of its answer is for <see cref="Of"/>.</summary>
    public static AsyncServerStreamingCall<byte[]> Call(ChannelBase channel, ReadReq request, Metadata headers, CancellationToken cancellation) =>
        channel.CreateCallInvoker().AsyncServerStreamingCall(ReadMethod, null, new CallOptions(headers, cancellationToken: cancellation), request);

    /// <summary>Decodes a message.</summary>
    /// <exception cref="InvalidDataException">It is none, or none that a log sends.</exception>
    public static ReadAnswer Of(byte[] message)
    {
        try
        {
            return Read(message.AsMemory());
        }
        catch (MalformedMessageException malformed)
        {
            throw new InvalidDataException($"The log sent a message that is none: {malformed.Message}", malformed);
        }
    }

    private static ReadAnswer Read(ReadOnlyMemory<byte> message)
    {
        var answer = default(ReadAnswer);
        var fields = new FieldReader(message.Span);
        while (fields.TryNext(out var tag))
            switch (tag)
            {
                case ResponseEvent: answer = new ReadAnswer(new LogMessage.Event(EventOf(message[fields.Place()]))); break;
                case ResponseCheckpoint: answer = CheckpointOf(fields.Bytes()); break;
                case ResponseCaughtUp:
                    fields.Skip(tag);
                    answer = new ReadAnswer(new LogMessage.CaughtUp());
                    break;
                default: fields.Skip(tag); break;
            }
        return answer;
    }

    private static ReadAnswer CheckpointOf(ReadOnlySpan<byte> message)
    {
        var (commit, prepare) = (0UL, 0UL);
        var fields = new FieldReader(message);
        while (fields.TryNext(out var tag))
            switch (tag)
            {
                case CheckpointCommit: commit = fields.Varint(); break;
                case CheckpointPrepare: prepare = fields.Varint(); break;
                default: fields.Skip(tag); break;
            }
        return new ReadAnswer(new LogMessage.Checkpoint(new Position(commit)), prepare);
    }

    // An event with the link that led to it; of a link that does not resolve, the link itself.
    private static RecordedEvent EventOf(ReadOnlyMemory<byte> message)
    {
        RecordedEvent? recorded = null, link = null;
        ulong? outer = null;
        var fields = new FieldReader(message.Span);
        while (fields.TryNext(out var tag))
            switch (tag)
            {
                case ReadEventEvent: recorded = RecordedOf(message[fields.Place()]); break;
                case ReadEventLink: link = RecordedOf(message[fields.Place()]); break;
                case ReadEventCommit: outer = fields.Varint(); break;
                default: fields.Skip(tag); break;
            }
        // The message's position is its link's where it has one.
        var found = link ?? recorded ?? throw new InvalidDataException("The log sent an event message with neither an event nor a link.");
        if (outer is { } position && found.Position.Value != position) found = found with { Position = new Position(position) };
        return link is not null && recorded is not null ? recorded with { Link = found } : found;
    }

    private static RecordedEvent RecordedOf(ReadOnlyMemory<byte> message)
    {
        var id = new UuidReader();
        var (stream, revision, commit) = (default(string), 0L, 0UL);
        var properties = new Properties();
        ReadOnlyMemory<byte> data = default, metadata = default;
        var fields = new FieldReader(message.Span);
        while (fields.TryNext(out var tag))
            switch (tag)
            {
                case RecordedId: id.Read(fields.Bytes()); break;
                case RecordedStream: stream = NameOf(fields.Bytes()); break;
                case RecordedRevision: revision = (long)fields.Varint(); break;
                case RecordedCommit: commit = fields.Varint(); break;
                case RecordedProperties: properties.Add(fields.Bytes()); break;
                case RecordedMetadata: metadata = message[fields.Place()]; break;
                case RecordedData: data = message[fields.Place()]; break;
                default: fields.Skip(tag); break;
            }
        var known = id.Id ?? throw new InvalidDataException($"The log sent an event without a valid id at position {commit.ToString(CultureInfo.InvariantCulture)}.");
        return new RecordedEvent(
            stream ?? throw new InvalidDataException($"The stream's name of event {known} is not UTF-8."),
            revision, new Position(commit), known, properties.Type, properties.Created, properties.ContentType, data, metadata);
    }

    private static string? NameOf(ReadOnlySpan<byte> message)
    {
        var name = "";
        var fields = new FieldReader(message);
        while (fields.TryNext(out var tag))
            if (tag == IdentifierName) name = StreamNames.TryRead(fields.Bytes());
            else fields.Skip(tag);
        return name;
    }

    /// <summary>What the log says of an event beside its own bytes.</summary>
    private struct Properties()
    {
        public string Type { get; private set; } = "";

        public string ContentType { get; private set; } = WireNames.OctetStream;

        public Instant Created { get; private set; }

        public void Add(ReadOnlySpan<byte> entry)
        {
            ReadOnlySpan<byte> key = default, value = default;
            var fields = new FieldReader(entry);
            while (fields.TryNext(out var tag))
                switch (tag)
                {
                    case EntryKey: key = fields.Bytes(); break;
                    case EntryValue: value = fields.Bytes(); break;
                    default: fields.Skip(tag); break;
                }
            if (key.SequenceEqual("type"u8)) Type = RepeatedTexts.Read(value);
            else if (key.SequenceEqual("content-type"u8)) ContentType = RepeatedTexts.Read(value);
            else if (key.SequenceEqual("created"u8)) Created = CreatedOf(value);
        }

        private static Instant CreatedOf(ReadOnlySpan<byte> text) =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ticks) ? new Instant(ticks / TimeSpan.TicksPerMicrosecond) : default;
    }

    // Tags: field number times eight, plus 2 for a length-delimited field or 0 for a number.
    private const uint ResponseEvent = 1 << 3 | 2;
    private const uint ResponseCheckpoint = 3 << 3 | 2;
    private const uint ResponseCaughtUp = 8 << 3 | 2;
    private const uint CheckpointCommit = 1 << 3;
    private const uint CheckpointPrepare = 2 << 3;
    private const uint ReadEventEvent = 1 << 3 | 2;
    private const uint ReadEventLink = 2 << 3 | 2;
    private const uint ReadEventCommit = 3 << 3;
    private const uint RecordedId = 1 << 3 | 2;
    private const uint RecordedStream = 2 << 3 | 2;
    private const uint RecordedRevision = 3 << 3;
    private const uint RecordedCommit = 5 << 3;
    private const uint RecordedProperties = 6 << 3 | 2;
    private const uint RecordedMetadata = 7 << 3 | 2;
    private const uint RecordedData = 8 << 3 | 2;
    private const uint IdentifierName = 3 << 3 | 2;
    private const uint EntryKey = 1 << 3 | 2;
    private const uint EntryValue = 2 << 3 | 2;
}
