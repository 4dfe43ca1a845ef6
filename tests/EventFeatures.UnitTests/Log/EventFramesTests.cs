using System.Buffers.Binary;
using System.IO.Pipelines;
using CsCheck;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode.Reading;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol.Streaming;
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
    public void An_event_encoded_by_hand_reads_back_through_the_generated_messages(bool structuredIds) => Stored.Sample(stored =>
    {
        var recorded = WireEvents.Read(Parse(Write(stored, structuredIds)).Event);

        recorded.StreamId.ShouldBe(stored.Stream);
        recorded.Type.ShouldBe(stored.Type);
        recorded.EventId.ShouldBe(stored.Id);
        recorded.Revision.ShouldBe(stored.Revision);
        recorded.Position.Value.ShouldBe((ulong)stored.Position);
        recorded.Created.Microseconds.ShouldBe(stored.CreatedMicroseconds);
        recorded.ContentType.ShouldBe(stored.IsJson ? "application/json" : "application/octet-stream");
        recorded.Data.ToArray().ShouldBe(stored.Data.ToArray());
        recorded.Metadata.ToArray().ShouldBe(stored.Metadata.ToArray());
    });

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
