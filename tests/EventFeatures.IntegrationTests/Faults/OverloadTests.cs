using EventFeatures.Testing.Log;
using EventFeatures.Core.Events;
using EventFeatures.IntegrationTests.Log;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Faults;

/// <summary>More than the node can take is refused with a time to come back, and clients come back then.</summary>
public sealed class OverloadTests : NodeTestBase
{
    [Fact]
    public async Task A_full_queue_says_in_band_and_in_a_trailer_when_to_come_back()
    {
        var (link, postgres) = Linked();
        await using var _ = link;
        await using var node = await EmbeddedNode.StartAsync(Options with { Postgres = postgres, QueueEventsMax = 100, AppendDeadline = TimeSpan.FromMinutes(1) }, Late);
        using var channel = Channel(node);
        link.Freeze();

        // The writer holds one batch that commits and one that it prepares; past those, and the queue, nothing is taken.
        using var call = Wire(channel).BatchAppend(cancellationToken: Late);
        for (var i = 0; i < 150; i++) await call.RequestStream.WriteAsync(Batch("crowded-1", events: 100), Late);
        (await call.ResponseStream.MoveNext(Late)).ShouldBeTrue();
        var inBand = call.ResponseStream.Current.Error;
        using var unary = Wire(channel).Append(cancellationToken: Late);
        await unary.RequestStream.WriteAsync(new AppendReq { Options = new() { StreamIdentifier = StreamNames.ToIdentifier("crowded-2"), Any = new() } }, Late);
        for (var i = 0; i < 100; i++) await unary.RequestStream.WriteAsync(new AppendReq { ProposedMessage = WireEvents.Unary(Event()) }, Late);
        await unary.RequestStream.CompleteAsync();
        var refused = await Should.ThrowAsync<RpcException>(async () => await unary.ResponseAsync);
        link.Mend();

        inBand.Code.ShouldBe(Code.ResourceExhausted);
        RetryTimes.Of(inBand.Details)!.Value.ShouldBeInRange(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2));
        inBand.Message.ShouldContain("Retry after");
        refused.StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        RetryTimes.Of(refused.Trailers)!.Value.ShouldBeInRange(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Callers_that_are_turned_away_come_back_and_all_get_through_once()
    {
        const int callers = 150, appends = 4;
        await using var node = await EmbeddedNode.StartAsync(Options with { QueueEventsMax = 40 }, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);

        await Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
        {
            for (var i = 0; i < appends; i++)
                await log.AppendToStreamAsync($"caller-{caller}", StreamState.Any, [Event(), Event(), Event()], Late);
        }));

        var all = await AllAsync(log);
        all.Select(recorded => recorded.EventId).Distinct().Count().ShouldBe(callers * appends * 3);
        all.Count.ShouldBe(callers * appends * 3);
    }

    private static BatchAppendReq Batch(string stream, int events)
    {
        var batch = new BatchAppendReq
        {
            CorrelationId = Uuids.Structured(Guid.NewGuid()),
            Options = new() { StreamIdentifier = StreamNames.ToIdentifier(stream), Any = new() },
            IsFinal = true,
        };
        for (var i = 0; i < events; i++) batch.ProposedMessages.Add(WireBatches.Proposed(Event()));
        return batch;
    }
}
