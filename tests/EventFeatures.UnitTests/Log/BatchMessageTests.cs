using System.Buffers;
using CsCheck;
using EventFeatures.Log.EmbeddedNode.Serving;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using EventFeatures.Testing.Faults.Fuzz;
using Google.Protobuf;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class BatchMessageTests
{
    // Group 9 with a number in it, eight bytes, four bytes, and a text under a number that is a text nowhere.
    private static readonly byte[] Unknown = [9 << 3 | 3, 1 << 3, 5, 9 << 3 | 4, 10 << 3 | 1, 1, 2, 3, 4, 5, 6, 7, 8, 11 << 3 | 5, 1, 2, 3, 4, 4 << 3 | 5, 1, 2, 3, 4];

    private const string Refused = "refused: ";

    private static readonly Gen<byte[]> Messages = Gen.Select(Gen.Int, Gen.Bool, (seed, withUnknown) =>
    {
        var message = (BatchAppendReq)new RandomMessages(new Random(seed)).Of(BatchAppendReq.Descriptor);
        return withUnknown ? [.. message.ToByteArray(), .. Unknown] : message.ToByteArray();
    });

    private static readonly Gen<byte[]> Spoiled = Gen.Select(Messages, Gen.Int[0, 4000], Gen.Byte, Gen.Bool, (message, at, value, cut) =>
    {
        if (message.Length == 0) return message;
        var spoiled = message.ToArray();
        spoiled[at % message.Length] = value;
        return cut ? spoiled[..(at % message.Length)] : spoiled;
    });

    [Fact]
    public void What_is_read_by_hand_is_what_the_generated_messages_read() => Messages.Sample(ShouldReadAlike, iter: 300, threads: 1);

    [Fact]
    public void What_the_generated_messages_refuse_is_refused_by_hand_and_nothing_else() => Spoiled.Sample(ShouldReadAlike, iter: 1000, threads: 1);

    [Fact]
    public void Payloads_of_a_message_that_is_not_the_last_outlive_its_bytes()
    {
        var request = new BatchAppendReq { ProposedMessages = { new BatchAppendReq.Types.ProposedMessage { Id = Uuids.Text(Guid.NewGuid()), Metadata = { ["type"] = "A", ["content-type"] = "x" }, Data = ByteString.CopyFromUtf8("kept") } } };
        var message = BatchMessage.Read(new ReadOnlySequence<byte>(request.ToByteArray()));
        var events = new ProposedEvents(StreamNames.ToIdentifier("card-1"));
        message.AddTo(events);
        message.Release();

        // Whoever gets the bytes next writes over them.
        var next = ArrayPool<byte>.Shared.Rent(request.CalculateSize());
        Array.Fill(next, (byte)'x');

        events.Encode("card-1").Events.ShouldHaveSingleItem().Data.ToArray().ShouldBe("kept"u8.ToArray());
        ArrayPool<byte>.Shared.Return(next);
    }

    private static void ShouldReadAlike(byte[] bytes)
    {
        var (expected, expectedEvents) = Generated(bytes);
        var (read, events) = ByHand(bytes);

        // What comes after an event that is refused is read no more; and the generated messages pass over an encoding that does not exist.
        if (expected is null && events.StartsWith(Refused, StringComparison.Ordinal)) return;
        if (read is null && events.Contains("no known way", StringComparison.Ordinal)) return;
        (read is null).ShouldBe(expected is null);
        if (read is null || expected is null) return;
        read.CorrelationId.ShouldBe(expected.CorrelationId);
        read.Options.ShouldBe(expected.Options);
        read.IsFinal.ShouldBe(expected.IsFinal);
        events.ShouldBe(expectedEvents);
    }

    private static (BatchAppendReq? Message, string Events) Generated(byte[] bytes)
    {
        try
        {
            var message = BatchAppendReq.Parser.ParseFrom(bytes);
            // An event of an append in a call of its own has the same fields.
            var proposed = message.ProposedMessages.Select(each => AppendReq.Types.ProposedMessage.Parser.ParseFrom(each.ToByteArray())).ToList();
            return (message, Outcome(events => proposed.ForEach(events.Add)));
        }
        catch (InvalidProtocolBufferException)
        {
            return (null, "");
        }
    }

    private static (BatchMessage? Message, string Events) ByHand(byte[] bytes)
    {
        try
        {
            var message = BatchMessage.Read(InTwo(bytes));
            return (message, Outcome(message.AddTo));
        }
        catch (Exception malformed) when (malformed is MalformedMessageException or InvalidProtocolBufferException)
        {
            return (null, malformed.Message);
        }
    }

    // The events, or why there are none.
    private static string Outcome(Action<ProposedEvents> add)
    {
        var events = new ProposedEvents(StreamNames.ToIdentifier("card-1"));
        try
        {
            add(events);
            return events.IsTooLarge ? "too large" : string.Join('\n', events.Encode("card-1").Events.Select(each =>
                $"{each.Id} {each.Type} {each.IsJson} {Convert.ToHexString(each.Data.Span)} {Convert.ToHexString(each.Metadata.Span)}"));
        }
        catch (RpcException refused)
        {
            return Refused + refused.Status.Detail;
        }
    }

    // As it comes from a network: in pieces.
    private static ReadOnlySequence<byte> InTwo(byte[] bytes)
    {
        var second = new Piece(bytes.AsMemory(bytes.Length / 2), bytes.Length / 2, null);
        var first = new Piece(bytes.AsMemory(0, bytes.Length / 2), 0, second);
        return new ReadOnlySequence<byte>(first, 0, second, second.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, int before, Piece? next) => (Memory, RunningIndex, Next) = (memory, before, next);
    }
}
