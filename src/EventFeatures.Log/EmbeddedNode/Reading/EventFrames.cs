using System.Buffers.Binary;
using System.IO.Pipelines;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Google.Protobuf;

namespace EventFeatures.Log.EmbeddedNode.Reading;

/// <summary>
/// Writes the messages of one read as gRPC frames straight into the response. Events are encoded by hand, from
/// their stored bytes, since building messages for them costs more than all else that a read does.
/// </summary>
internal sealed class EventFrames(PipeWriter output, bool structuredIds)
{
    private const int FlushBytes = 128 * 1024;
    private const int FrameHeader = 5;
    private long _unflushed;

    /// <summary>Whether enough is buffered that the caller should flush.</summary>
    public bool WantsFlush => _unflushed >= FlushBytes;

    /// <summary>Whether anything is buffered at all.</summary>
    public bool HasUnflushed => _unflushed > 0;

    /// <summary>Writes any other message.</summary>
    public void Write(ReadResp message)
    {
        var length = message.CalculateSize();
        var frame = Begin(length);
        message.WriteTo(frame.Slice(FrameHeader, length));
        End(length);
    }

    /// <summary>Writes an event.</summary>
    public void Write(StoredEvent stored)
    {
        var size = new EventSize(stored, structuredIds);
        var readEvent = FieldSize.Field(size.Recorded) + size.Position;
        var response = FieldSize.Field(readEvent);
        var at = new FieldWriter(Begin(response)[FrameHeader..]);
        at.Length(ResponseEvent, readEvent);
        at.Length(ReadEventEvent, size.Recorded);
        WriteRecorded(ref at, stored, size);
        at.Varint(ReadEventCommitPosition, (ulong)stored.Position);
        End(response);
    }

    /// <summary>Writes a link with the event that it leads to, if it still leads to one; the position is the link's.</summary>
    public void Write(StoredEvent? target, StoredEvent link)
    {
        var size = new EventSize(link, structuredIds);
        var targetSize = target is null ? default : new EventSize(target, structuredIds);
        var readEvent = (target is null ? 0 : FieldSize.Field(targetSize.Recorded)) + FieldSize.Field(size.Recorded) + size.Position;
        var response = FieldSize.Field(readEvent);
        var at = new FieldWriter(Begin(response)[FrameHeader..]);
        at.Length(ResponseEvent, readEvent);
        if (target is not null)
        {
            at.Length(ReadEventEvent, targetSize.Recorded);
            WriteRecorded(ref at, target, targetSize);
        }
        at.Length(ReadEventLink, size.Recorded);
        WriteRecorded(ref at, link, size);
        at.Varint(ReadEventCommitPosition, (ulong)link.Position);
        End(response);
    }

    /// <summary>Sends what is buffered; waits while the caller is slow.</summary>
    /// <returns>False when the caller is gone.</returns>
    public async ValueTask<bool> FlushAsync(CancellationToken cancellation)
    {
        _unflushed = 0;
        var result = await output.FlushAsync(cancellation);
        return !result.IsCompleted;
    }

    private void WriteRecorded(ref FieldWriter at, StoredEvent stored, in EventSize size)
    {
        at.Length(RecordedId, size.Uuid);
        if (structuredIds) at.StructuredUuid(stored.Id, size.Uuid);
        else
        {
            at.Length(UuidString, EventSize.UuidText);
            at.UuidText(stored.Id);
        }
        at.Length(RecordedStream, size.Identifier);
        at.Text(IdentifierName, stored.Stream, size.StreamName);
        at.Varint(RecordedRevision, (ulong)stored.Revision);
        at.Varint(RecordedPrepare, (ulong)stored.Position);
        at.Varint(RecordedCommit, (ulong)stored.Position);
        at.Entry(RecordedProperties, "type"u8, stored.Type, size.Type);
        at.Entry(RecordedProperties, "content-type"u8, stored.IsJson ? "application/json"u8 : "application/octet-stream"u8);
        at.TicksEntry(RecordedProperties, "created"u8, stored.CreatedMicroseconds * 10, size.CreatedDigits);
        at.Bytes(RecordedMetadata, stored.Metadata.Span);
        at.Bytes(RecordedData, stored.Data.Span);
    }

    private Span<byte> Begin(int length)
    {
        var frame = output.GetSpan(FrameHeader + length);
        frame[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(frame[1..], length);
        return frame;
    }

    private void End(int length)
    {
        output.Advance(FrameHeader + length);
        _unflushed += FrameHeader + length;
    }

    // Tags: field number times eight, plus 2 for a length-delimited field or 0 for a number.
    private const byte ResponseEvent = 1 << 3 | 2;
    private const byte ReadEventEvent = 1 << 3 | 2;
    private const byte ReadEventLink = 2 << 3 | 2;
    private const byte ReadEventCommitPosition = 3 << 3;
    private const byte RecordedId = 1 << 3 | 2;
    private const byte RecordedStream = 2 << 3 | 2;
    private const byte RecordedRevision = 3 << 3;
    private const byte RecordedPrepare = 4 << 3;
    private const byte RecordedCommit = 5 << 3;
    private const byte RecordedProperties = 6 << 3 | 2;
    private const byte RecordedMetadata = 7 << 3 | 2;
    private const byte RecordedData = 8 << 3 | 2;
    private const byte UuidString = 2 << 3 | 2;
    private const byte IdentifierName = 3 << 3 | 2;
}
