using EventFeatures.Testing.Log;
using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Shouldly;
using Xunit;
using ReadOptions = EventFeatures.Log.Protocol.Streaming.ReadReq.Types.Options;

namespace EventFeatures.IntegrationTests.Log;

/// <summary>Whatever comes, the answer is a status, and the node serves the next caller.</summary>
public sealed class HostileRequestTests : NodeTestBase
{
    private const int Seed = 17;

    [Fact]
    public async Task Random_bytes_get_a_status_from_every_method()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        using var channel = Channel(node);
        var random = new Random(Seed);
        var bytes = Marshallers.Create<byte[]>(raw => raw, raw => raw);
        foreach (var method in new[] { "Read", "Append", "BatchAppend", "Delete", "Tombstone" })
        {
            for (var round = 0; round < 60; round++)
            {
                var body = new byte[random.Next(0, 300)];
                random.NextBytes(body);
                var raw = new Method<byte[], byte[]>(MethodType.DuplexStreaming, "event_store.client.streams.Streams", method, bytes, bytes);
                using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(raw, null, new CallOptions(cancellationToken: Late));
                await EndAsync(call, body);
                call.GetStatus().StatusCode.ShouldNotBe(StatusCode.Cancelled, $"seed {Seed}, {method}, round {round}");
            }
        }
        await StillServesAsync(node);
    }

    [Theory]
    [InlineData("Append")]
    [InlineData("BatchAppend")]
    public async Task A_message_that_cannot_be_read_is_an_invalid_argument(string method)
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        using var channel = Channel(node);
        var bytes = Marshallers.Create<byte[]>(raw => raw, raw => raw);
        var raw = new Method<byte[], byte[]>(MethodType.DuplexStreaming, "event_store.client.streams.Streams", method, bytes, bytes);
        using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(raw, null, new CallOptions(cancellationToken: Late));

        // Field 1 with five bytes, of which there is one.
        await EndAsync(call, [0x0A, 5, 1]);

        call.GetStatus().StatusCode.ShouldBe(StatusCode.InvalidArgument, call.GetStatus().Detail);
    }

    [Fact]
    public async Task Mutated_requests_get_a_status()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        using var channel = Channel(node);
        var random = new Random(Seed);
        var bytes = Marshallers.Create<byte[]>(raw => raw, raw => raw);
        var valid = Batch("card-1").ToByteArray();
        var raw = new Method<byte[], byte[]>(MethodType.DuplexStreaming, "event_store.client.streams.Streams", "BatchAppend", bytes, bytes);
        for (var round = 0; round < 300; round++)
        {
            var body = valid.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--) body[random.Next(body.Length)] = (byte)random.Next(256);
            if (random.Next(3) == 0) body = body[..random.Next(body.Length)];
            using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(raw, null, new CallOptions(cancellationToken: Late));
            await EndAsync(call, body);
        }
        await StillServesAsync(node);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0xFF, 0xFE })]
    [InlineData(new byte[] { (byte)'a', 0, (byte)'b' })]
    public async Task A_stream_name_that_is_empty_or_not_text_is_an_invalid_argument(byte[] name)
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        using var channel = Channel(node);
        var batch = Batch("x");
        batch.Options.StreamIdentifier.StreamName = ByteString.CopyFrom(name);
        var read = ReadRequests.Stream("x", ReadDirection.Forwards, null, 1);
        read.Options.Stream.StreamIdentifier.StreamName = ByteString.CopyFrom(name);

        (await AnswerAsync(channel, batch)).Error.Code.ShouldBe(Code.InvalidArgument);
        await RefusedAsync(channel, read);
    }

    [Fact]
    public async Task The_longest_stream_name_passes_and_one_byte_more_is_refused()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        using var channel = Channel(node);
        var random = new Random(Seed);
        // Random letters, so that nothing compresses.
        var name = string.Concat(Enumerable.Range(0, 2048).Select(_ => (char)random.Next('!', '~')));

        (await AnswerAsync(channel, Batch(name))).ResultCase.ShouldBe(BatchAppendResp.ResultOneofCase.Success);
        (await AnswerAsync(channel, Batch(name + "x"))).Error.Details.Unpack<BadRequest>().Message.ShouldContain("2049");
    }

    [Fact]
    public async Task Small_events_whose_streams_long_name_makes_them_large_are_too_large_for_good()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        using var channel = Channel(node);
        // Ten thousand times the name: 20 MB, of which the events themselves have 20 kB.
        var batch = Batch(new string('a', 2048));
        batch.ProposedMessages.Clear();
        for (var added = 0; added < 10_000; added++) batch.ProposedMessages.Add(WireBatches.Proposed(Event(0) with { Type = "T" }));

        var answer = await AnswerAsync(channel, batch);
        batch.Options.StreamIdentifier = StreamNames.ToIdentifier("card-1");

        answer.Error.Code.ShouldBe(Code.InvalidArgument);
        answer.Error.Details.Unpack<MaximumAppendSizeExceeded>().MaxAppendSize.ShouldBe((uint)WireNames.AppendBytesMax);
        (await AnswerAsync(channel, batch)).ResultCase.ShouldBe(BatchAppendResp.ResultOneofCase.Success, "in a stream of a short name they are small");
    }

    [Fact]
    public async Task Batches_that_lack_what_they_need_are_bad_requests()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        using var channel = Channel(node);
        BatchAppendReq[] wrong = [Batch("a"), Batch("a"), Batch("a"), Batch("a"), Batch("a"), Batch("a")];
        wrong[0].Options.ClearExpectedStreamPosition();
        wrong[1].ProposedMessages[0].Id = null;
        wrong[2].ProposedMessages[0].Metadata.Clear();
        wrong[3].ProposedMessages[0].Metadata["type"] = "";
        wrong[4].Options.Deadline = new Google.Protobuf.WellKnownTypes.Duration { Seconds = long.MaxValue, Nanos = -7 };
        wrong[5].Options.StreamIdentifier = StreamNames.ToIdentifier("$all");

        foreach (var batch in wrong) (await AnswerAsync(channel, batch)).Error.Details.Unpack<BadRequest>().Message.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Absurd_reads_are_refused_or_empty()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        using var channel = Channel(node);
        var noIds = ReadRequests.Stream("a", ReadDirection.Forwards, null, 1);
        noIds.Options.UuidOption = null;
        var backwards = ReadRequests.Subscribe(null, null);
        backwards.Options.ReadDirection = ReadOptions.Types.ReadDirection.Backwards;
        var badRegex = ReadRequests.All(ReadDirection.Forwards, Position.Start, EventFilter.ByTypePrefix("x"), 1);
        badRegex.Options.Filter.EventType = new ReadOptions.Types.FilterOptions.Types.Expression { Regex = "(" };
        var filteredStream = ReadRequests.Stream("a", ReadDirection.Forwards, null, 1);
        filteredStream.Options.Filter = badRegex.Options.Filter;
        var noDirection = ReadRequests.Stream("a", ReadDirection.Forwards, null, 1);
        noDirection.Options.ReadDirection = (ReadOptions.Types.ReadDirection)9;

        foreach (var request in new[] { noIds, backwards, badRegex, filteredStream, noDirection, new ReadReq() }) await RefusedAsync(channel, request);
        await StillServesAsync(node);
    }

    [Fact]
    public async Task A_regular_expression_that_would_run_for_ever_is_stopped()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        using var channel = Channel(node);
        await AnswerAsync(channel, Batch(new string('a', 60) + "!"));
        var slow = ReadRequests.All(ReadDirection.Forwards, Position.Start, EventFilter.ByStreamPrefix("x"), 1);
        slow.Options.Filter.StreamIdentifier = new ReadOptions.Types.FilterOptions.Types.Expression { Regex = @"^(?=(a+)+$)(a+)+$" };

        (await RefusedAsync(channel, slow)).Status.Detail.ShouldContain("nested repetition");
    }

    private static BatchAppendReq Batch(string stream)
    {
        var batch = new BatchAppendReq
        {
            CorrelationId = Uuids.Structured(Guid.NewGuid()),
            Options = new BatchAppendReq.Types.Options { StreamIdentifier = StreamNames.ToIdentifier(stream), Any = new Google.Protobuf.WellKnownTypes.Empty() },
            IsFinal = true,
        };
        batch.ProposedMessages.Add(WireBatches.Proposed(Event()));
        return batch;
    }

    private async Task<BatchAppendResp> AnswerAsync(GrpcChannel channel, BatchAppendReq batch)
    {
        using var call = Wire(channel).BatchAppend(cancellationToken: Late);
        await call.RequestStream.WriteAsync(batch, Late);
        (await call.ResponseStream.MoveNext(Late)).ShouldBeTrue();
        return call.ResponseStream.Current;
    }

    private async Task<RpcException> RefusedAsync(GrpcChannel channel, ReadReq request)
    {
        using var call = Wire(channel).Read(request, cancellationToken: Late);
        var refused = await Should.ThrowAsync<RpcException>(() => call.ResponseStream.MoveNext(Late));
        refused.StatusCode.ShouldBe(StatusCode.InvalidArgument);
        return refused;
    }

    // Sends one message, half-closes, and reads until the status.
    private async Task EndAsync(AsyncDuplexStreamingCall<byte[], byte[]> call, byte[] body)
    {
        try
        {
            await call.RequestStream.WriteAsync(body, Late);
            await call.RequestStream.CompleteAsync();
            while (await call.ResponseStream.MoveNext(Late)) { }
        }
        catch (RpcException)
        {
            // The status is what counts.
        }
    }

    private async Task StillServesAsync(EmbeddedNode node)
    {
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        (await log.AppendToStreamAsync("after-1", StreamState.NoStream, [Event()], Late)).NextExpectedRevision.ShouldBe(0);
    }
}
