using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.Protocol.Streaming;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log;

/// <summary>Link streams that the node itself numbers, over more events than one chunk or page of theirs holds.</summary>
public sealed class LinkIndexTests : NodeTestBase
{
    [Fact]
    public async Task Links_keep_their_revisions_over_chunks_restarts_and_appends()
    {
        await using (var node = await EmbeddedNode.StartAsync(Options, Late))
        {
            await using var log = EventStoreLog.Connect(node.ConnectionString);
            await AppendAsync(log, 700);
            (await RevisionsAsync(node, "$ce-card")).ShouldBe(Enumerable.Range(0, 1400).Select(index => (ulong)index));
            await AppendAsync(log, 100);
            (await RevisionsAsync(node, "$ce-card")).Count.ShouldBe(1600);
        }

        await using var again = await EmbeddedNode.StartAsync(Options, Late);
        await using var client = EventStoreLog.Connect(again.ConnectionString);
        await AppendAsync(client, 50);
        (await RevisionsAsync(again, "$ce-card")).ShouldBe(Enumerable.Range(0, 1700).Select(index => (ulong)index));
        var positions = (await ReadAsync(again, "$ce-card")).Select(message => message.Event.Event.CommitPosition).ToList();
        positions.ShouldBe((await AllAsync(client)).Where(each => each.StreamId.StartsWith("card-", StringComparison.Ordinal)).Select(each => each.Position.Value));
        (await RevisionsAsync(again, "$streams")).Count.ShouldBe(3);
        (await RevisionsAsync(again, "$et-Tested")).Count.ShouldBe(850 * 3);
    }

    [Fact]
    public async Task A_link_stream_is_the_same_for_many_who_read_it_while_it_grows()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        var growing = AppendAsync(log, 400);

        var reads = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => ReadAsync(node, "$ce-card"))));
        await growing;

        var whole = (await ReadAsync(node, "$ce-card")).Select(message => (message.Event.Event.StreamRevision, message.Event.Event.Data)).ToList();
        whole.Count.ShouldBe(800);
        foreach (var read in reads) read.Select(message => (message.Event.Event.StreamRevision, message.Event.Event.Data)).ShouldBe(whole.Take(read.Count));
    }

    [Fact]
    public async Task A_subscription_to_a_category_misses_and_doubles_nothing_while_it_grows()
    {
        await using var node = await EmbeddedNode.StartAsync(Options with { TailBytesMax = 1024 * 1024 }, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await AppendAsync(log, 200);
        using var channel = Channel(node);
        var request = ReadRequests.Stream("$ce-card", ReadDirection.Forwards, null, 1);
        request.Options.Subscription = new ReadReq.Types.Options.Types.SubscriptionOptions();
        request.Options.ResolveLinks = true;
        using var call = Wire(channel).Read(request, cancellationToken: Late);
        var growing = AppendAsync(log, 600, bytes: 4000);

        List<(ulong Link, ulong Position)> links = [];
        while (links.Count < 1600 && await call.ResponseStream.MoveNext(Late))
            if (call.ResponseStream.Current.Event is { } message) links.Add((message.Link.StreamRevision, message.CommitPosition));
        await growing;

        links.Select(link => link.Link).ShouldBe(Enumerable.Range(0, 1600).Select(index => (ulong)index));
        links.Select(link => link.Position).ShouldBeInOrder(SortDirection.Ascending);
    }

    [Fact]
    public async Task Nobody_appends_to_a_link_stream()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);

        foreach (var stream in new[] { "$ce-card", "$et-Tested", "$streams" })
            (await Should.ThrowAsync<ArgumentException>(() => log.AppendToStreamAsync(stream, StreamState.Any, [Event()], Late))).Message.ShouldContain("made of links");
    }

    // Two events for the category and one for another, time and again.
    private async Task AppendAsync(EventStoreLog log, int rounds, int bytes = 20)
    {
        for (var done = 0; done < rounds; done += 50)
            foreach (var stream in new[] { "card-1", "shop-1", "card-2" })
                await log.AppendToStreamAsync(stream, StreamState.Any, [.. Enumerable.Range(0, 50).Select(_ => Event(bytes))], Late);
    }

    private async Task<List<ulong>> RevisionsAsync(EmbeddedNode node, string stream) =>
        [.. (await ReadAsync(node, stream)).Select(message => message.Event.Event.StreamRevision)];

    private async Task<List<ReadResp>> ReadAsync(EmbeddedNode node, string stream)
    {
        using var channel = Channel(node);
        using var call = Wire(channel).Read(ReadRequests.Stream(stream, ReadDirection.Forwards, null, long.MaxValue), cancellationToken: Late);
        List<ReadResp> messages = [];
        while (await call.ResponseStream.MoveNext(Late))
            if (call.ResponseStream.Current.ContentCase == ReadResp.ContentOneofCase.Event) messages.Add(call.ResponseStream.Current);
        return messages;
    }
}
