using System.Buffers.Binary;
using System.Globalization;
using System.IO.Pipelines;
using CsCheck;
using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode.Reading;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Google.Protobuf;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class EventFramesTests
{
    private static readonly Gen<string> Text = Gen.String[Gen.Char[' ', '퟿'], 1, 60];

    private static readonly Gen<StoredEvent> Stored = Gen.Select(
        Gen.Select(Text, Text, Gen.Guid, Gen.Bool),
        Gen.Select(Gen.Byte.Array[0, 400], Gen.Byte.Array[0, 40]),
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Long[1, long.MaxValue], Gen.Long[-1_000_000, 253_402_300_799_999_999]),
        (what, bytes, place) => new StoredEvent(what.Item1, what.Item2, what.Item3, what.Item4, bytes.Item1, bytes.Item2)
        {
            Revision = place.Item1,
            Position = place.Item2,
            CreatedMicroseconds = place.Item3,
        });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_event_encoded_by_hand_is_what_the_generated_messages_read_and_what_the_client_decodes(bool structuredIds) => Stored.Sample(stored =>
    {
        var frame = Write(stored, structuredIds);
        var generated = Parse(frame);

        generated.Event.Event.ShouldBe(Message(stored, structuredIds));
        generated.Event.CommitPosition.ShouldBe((ulong)stored.Position);
        Described(ReadAnswer.Of(frame[5..])).ShouldBe(Described(stored));
    });

    [Fact]
    public void A_linked_event_in_an_unusual_spelling_is_decoded_and_what_is_not_known_passed_over() => Gen.Select(Stored, Stored).Sample((target, link) =>
    {
        var message = new ReadResp { Event = new() { Event = Message(target, structuredIds: true), Link = Message(link, structuredIds: false), CommitPosition = 7 } };
        message.Event.Event.Metadata.Add("of another kind", "x");
        // Fields of later versions, of every type, before and behind.
        byte[] later = [0xA0, 0x06, 0xFF, 0x01, 0xA1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0xA2, 0x06, 2, 9, 9, 0xA5, 0x06, 1, 2, 3, 4];

        var decoded = ReadAnswer.Of([.. later, .. message.ToByteArray(), .. later]).Message.ShouldBeOfType<LogMessage.Event>().Recorded;

        Described(decoded).ShouldBe(Described(target));
        Described(decoded.Link!).ShouldBe(Described(link) with { Position = 7 });
        decoded.Original().ShouldBe(decoded.Link);
    });

    [Fact]
    public void A_message_that_is_cut_off_is_said_to_be_no_message()
    {
        var whole = new ReadResp { Event = new() { Event = new() { Id = Uuids.Structured(Guid.NewGuid()), StreamIdentifier = StreamNames.ToIdentifier("card-1"), Data = ByteString.CopyFrom(1, 2, 3) } } }.ToByteArray();
        for (var length = 1; length < whole.Length; length++) Should.Throw<InvalidDataException>(() => ReadAnswer.Of(whole[..length]), $"{length} bytes");
        Should.Throw<InvalidDataException>(() => ReadAnswer.Of(new ReadResp { Event = new() { Event = new() } }.ToByteArray())).Message.ShouldContain("without a valid id");
    }

    private static (string Stream, string Type, Guid Id, long Revision, ulong Position, long Created, string ContentType, string Data, string Metadata) Described(StoredEvent stored) =>
        (stored.Stream, stored.Type, stored.Id, stored.Revision, (ulong)stored.Position, stored.CreatedMicroseconds,
            stored.IsJson ? "application/json" : "application/octet-stream", Convert.ToHexString(stored.Data.Span), Convert.ToHexString(stored.Metadata.Span));

    private static (string Stream, string Type, Guid Id, long Revision, ulong Position, long Created, string ContentType, string Data, string Metadata) Described(ReadAnswer answer) =>
        Described(answer.Message.ShouldBeOfType<LogMessage.Event>().Recorded);

    private static (string Stream, string Type, Guid Id, long Revision, ulong Position, long Created, string ContentType, string Data, string Metadata) Described(RecordedEvent recorded) =>
        (recorded.StreamId, recorded.Type, recorded.EventId, recorded.Revision, recorded.Position.Value, recorded.Created.Microseconds,
            recorded.ContentType, Convert.ToHexString(recorded.Data.Span), Convert.ToHexString(recorded.Metadata.Span));

    private static ReadResp.Types.ReadEvent.Types.RecordedEvent Message(StoredEvent stored, bool structuredIds)
    {
        var message = new ReadResp.Types.ReadEvent.Types.RecordedEvent
        {
            Id = structuredIds ? Uuids.Structured(stored.Id) : Uuids.Text(stored.Id),
            StreamIdentifier = StreamNames.ToIdentifier(stored.Stream),
            StreamRevision = (ulong)stored.Revision,
            PreparePosition = (ulong)stored.Position,
            CommitPosition = (ulong)stored.Position,
            CustomMetadata = ByteString.CopyFrom(stored.Metadata.Span),
            Data = ByteString.CopyFrom(stored.Data.Span),
        };
        message.Metadata.Add("type", stored.Type);
        message.Metadata.Add("content-type", stored.IsJson ? "application/json" : "application/octet-stream");
        message.Metadata.Add("created", (stored.CreatedMicroseconds * 10).ToString(CultureInfo.InvariantCulture));
        return message;
    }

    private static byte[] Write(StoredEvent stored, bool structuredIds)
    {
        using var buffer = new MemoryStream();
        var pipe = PipeWriter.Create(buffer);
        new EventFrames(pipe, structuredIds).Write(stored);
        pipe.Complete();
        return buffer.ToArray();
    }

    private static ReadResp Parse(byte[] frame)
    {
        frame[0].ShouldBe((byte)0);
        BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(1)).ShouldBe(frame.Length - 5);
        return ReadResp.Parser.ParseFrom(frame, 5, frame.Length - 5);
    }
}
