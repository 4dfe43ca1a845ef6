using System.Buffers;
using CsCheck;
using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using EventFeatures.Testing.Log;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class BatchRequestTests
{
    private static readonly Gen<byte[]> Bytes = Gen.OneOf(Gen.Const(Array.Empty<byte>()), Gen.Byte.Array[1, 300]);

    private static readonly Gen<EventData> Events = Gen.Select(
        Gen.OneOf(Gen.Guid, Gen.Const(Guid.Empty)), Gen.OneOf("PaymentAuthorised", "", "\u00e9v\u00e9nement \U0001F600"), Bytes, Bytes, Gen.OneOf("application/json", "application/octet-stream"),
        (id, type, data, metadata, contentType) => new EventData(id, type, data, metadata, contentType));

    [Fact]
    public void What_is_encoded_by_hand_reads_as_the_message_that_it_stands_for() => Events.Array[0, 4].Sample(events =>
    {
        var correlation = Guid.NewGuid();
        var head = new BatchAppendReq
        {
            CorrelationId = Uuids.Structured(correlation), IsFinal = true, Options = new() { StreamIdentifier = StreamNames.ToIdentifier("card-1"), Any = new() },
        };
        var expected = head.Clone();
        expected.ProposedMessages.AddRange(events.Select(WireBatches.Proposed));
        var request = new BatchRequest(correlation, head, events);
        var output = new ArrayBufferWriter<byte>();
        request.WriteTo(output);
        output.WrittenCount.ShouldBe(request.Size());
        BatchAppendReq.Parser.ParseFrom(output.WrittenSpan).ShouldBe(expected);
    }, iter: 300, threads: 1);
}
