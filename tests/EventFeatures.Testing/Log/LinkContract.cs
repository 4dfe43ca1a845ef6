using System.Globalization;
using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using EventFeatures.Testing.Specs;
using Shouldly;
using Xunit;
using Wired = EventFeatures.Log.Protocol.Streaming.ReadResp.Types.ReadEvent;

namespace EventFeatures.Testing.Log;

/// <summary>
/// Links, and the streams of links by category and by type. A real server fills the latter a little later, and only
/// where its system projections run.
/// </summary>
public abstract class LinkContract(string connectionString) : LogContract(connectionString)
{
    [Fact, Trait("Fact", "19")]
    public async Task A_link_is_read_as_it_stands_unless_it_is_to_be_resolved()
    {
        await AppendBatchAsync(Batch(Stream("target"), Event("First"), Event("Second")));
        await LinkAsync(Stream("links"), 1, Stream("target"));

        var plain = (await EventsAsync(Read(Stream("links"), resolve: false))).ShouldHaveSingleItem();
        plain.Event.Metadata["type"].ShouldBe("$>");
        plain.Event.Data.ToStringUtf8().ShouldBe("1@" + Stream("target"));
        plain.Link.ShouldBeNull();

        var resolved = (await EventsAsync(Read(Stream("links"), resolve: true))).ShouldHaveSingleItem();
        resolved.Event.Metadata["type"].ShouldBe("Second");
        resolved.Event.StreamRevision.ShouldBe(1ul);
        resolved.Event.StreamIdentifier.StreamName.ToStringUtf8().ShouldBe(Stream("target"));
        resolved.Link.StreamIdentifier.StreamName.ToStringUtf8().ShouldBe(Stream("links"));
        resolved.CommitPosition.ShouldBe(resolved.Link.CommitPosition);
        resolved.Link.CommitPosition.ShouldBeGreaterThan(resolved.Event.CommitPosition);
    }

    [Theory, Trait("Fact", "19")]
    [InlineData("missing revision")]
    [InlineData("missing stream")]
    [InlineData("truncated")]
    public async Task A_link_that_leads_nowhere_comes_without_an_event(string why)
    {
        await AppendBatchAsync(Batch(Stream("target"), Events(2)));
        await LinkAsync(Stream("links"), why == "missing revision" ? 7 : 0, why == "missing stream" ? Stream("none") : Stream("target"));
        if (why == "truncated")
        {
            await Log.AppendToStreamAsync("$$" + Stream("target"), StreamState.Any, [Event("$metadata", """{"$tb":1}""")], Late);
            await EventuallyReadsAsync(Stream("target"), 1);
        }

        var message = (await EventsAsync(Read(Stream("links"), resolve: true))).ShouldHaveSingleItem();

        message.Event.ShouldBeNull();
        message.Link.Data.ToStringUtf8().ShouldContain("@");
        message.CommitPosition.ShouldBe(message.Link.CommitPosition);
    }

    [Fact, Trait("Fact", "19")]
    public async Task Links_are_resolved_backwards_in_the_whole_log_and_in_subscriptions()
    {
        await AppendBatchAsync(Batch(Stream("target"), Events(3)));
        for (var revision = 0; revision < 3; revision++) await LinkAsync(Stream("links"), revision, Stream("target"));
        var all = ReadRequests.All(ReadDirection.Forwards, Position.Start, EventFilter.ByStreamPrefix(Stream("links")), long.MaxValue);
        all.Options.ResolveLinks = true;
        var backwards = Read(Stream("links"), resolve: true);
        backwards.Options.ReadDirection = ReadReq.Types.Options.Types.ReadDirection.Backwards;
        backwards.Options.Stream.End = new Empty();

        (await EventsAsync(backwards)).Select(message => message.Event.StreamRevision).ShouldBe([2ul, 1ul, 0ul]);
        (await EventsAsync(all)).Select(message => (message.Event.StreamRevision, message.Link.StreamRevision)).ShouldBe([(0ul, 0ul), (1ul, 1ul), (2ul, 2ul)]);
        using var call = Wire.Read(Subscribe(Stream("links")), cancellationToken: Late);
        (await TakeAsync(call, 3)).Select(message => message.Event.StreamRevision).ShouldBe([0ul, 1ul, 2ul]);
        await LinkAsync(Stream("links"), 1, Stream("target"));
        (await TakeAsync(call, 1)).Select(message => (message.Event.StreamRevision, message.Link.StreamRevision)).ShouldBe([(1ul, 3ul)]);
    }

    [Fact, Trait("Fact", "19")]
    public async Task The_events_of_a_category_are_one_stream_of_links()
    {
        await AppendCategoryAsync();
        await EventuallyHasAsync("$ce-" + Prefix, 6);

        var forwards = await EventsAsync(Read("$ce-" + Prefix, resolve: true));
        forwards.Select(Place).ShouldBe(["a:0", "b:0", "a:1", "b:1", "a:2", "b:2"]);
        forwards.Select(message => message.Link.StreamRevision).ShouldBe([0ul, 1ul, 2ul, 3ul, 4ul, 5ul]);
        (await EventsAsync(Read("$ce-" + Prefix, resolve: false)))[3].Event.Data.ToStringUtf8().ShouldBe("1@" + Stream("b"));
        var middle = Read("$ce-" + Prefix, resolve: true);
        middle.Options.Stream.Revision = 4;
        (await EventsAsync(middle)).Select(Place).ShouldBe(["a:2", "b:2"]);
        var last = Read("$ce-" + Prefix, resolve: true);
        last.Options.ReadDirection = ReadReq.Types.Options.Types.ReadDirection.Backwards;
        last.Options.Stream.End = new Empty();
        last.Options.Count = 4;
        (await EventsAsync(last)).Select(Place).ShouldBe(["b:2", "a:2", "b:1", "a:1"]);
    }

    [Fact, Trait("Fact", "19")]
    public async Task The_events_of_a_type_are_one_stream_of_links()
    {
        var type = "Typed" + Prefix;
        foreach (var key in new[] { "a", "b" }) await AppendBatchAsync(Batch(Stream(key), Event(), Event(type)));
        await EventuallyHasAsync("$et-" + type, 2);

        (await EventsAsync(Read("$et-" + type, resolve: true))).Select(Place).ShouldBe(["a:1", "b:1"]);
    }

    [Fact, Trait("Fact", "20")]
    public async Task A_category_is_subscribed_to_from_a_revision_and_then_live()
    {
        await AppendCategoryAsync();
        await EventuallyHasAsync("$ce-" + Prefix, 6);
        var request = Subscribe("$ce-" + Prefix);
        request.Options.Stream.Revision = 3;
        using var call = Wire.Read(request, cancellationToken: Late);

        (await TakeAsync(call, 2)).Select(message => (Place(message), message.Link.StreamRevision)).ShouldBe([("a:2", 4ul), ("b:2", 5ul)]);
        await AppendBatchAsync(Batch($"other{Prefix}-1", Event()));
        await AppendBatchAsync(Batch(Stream("c"), Events(2)));
        (await TakeAsync(call, 2)).Select(message => (Place(message), message.Link.StreamRevision)).ShouldBe([("c:0", 6ul), ("c:1", 7ul)]);
    }

    [Fact, Trait("Fact", "15")]
    public async Task A_category_without_streams_is_not_found() =>
        (await ReadWireAsync(Read("$ce-none" + Prefix, resolve: true))).ShouldHaveSingleItem().ContentCase.ShouldBe(ReadResp.ContentOneofCase.StreamNotFound);

    private async Task AppendCategoryAsync()
    {
        for (var round = 0; round < 3; round++)
            foreach (var key in new[] { "a", "b" }) await AppendBatchAsync(Batch(Stream(key), Event()));
    }

    private Task LinkAsync(string stream, long revision, string target) =>
        Log.AppendToStreamAsync(stream, StreamState.Any, [Event("$>", revision.ToString(CultureInfo.InvariantCulture) + "@" + target) with { ContentType = "application/octet-stream" }], Late);

    private string Place(Wired message) =>
        string.Create(CultureInfo.InvariantCulture, $"{message.Event.StreamIdentifier.StreamName.ToStringUtf8()[(Prefix.Length + 1)..]}:{message.Event.StreamRevision}");

    private static ReadReq Read(string stream, bool resolve)
    {
        var request = ReadRequests.Stream(stream, ReadDirection.Forwards, null, 1000);
        request.Options.ResolveLinks = resolve;
        return request;
    }

    private static ReadReq Subscribe(string stream)
    {
        var request = Read(stream, resolve: true);
        request.Options.Subscription = new ReadReq.Types.Options.Types.SubscriptionOptions();
        return request;
    }

    private async Task<List<Wired>> EventsAsync(ReadReq request) =>
        [.. (await ReadWireAsync(request)).Where(message => message.ContentCase == ReadResp.ContentOneofCase.Event).Select(message => message.Event)];

    private async Task EventuallyHasAsync(string stream, int count)
    {
        var found = 0;
        await Eventually.TrueAsync(
            async () => (found = (await EventsAsync(Read(stream, resolve: false))).Count) == count, Deadline / 2,
            () => $"'{stream}' has {found} links instead of {count}; on a real server its system projections must run.");
    }

    private async Task<List<Wired>> TakeAsync(Grpc.Core.AsyncServerStreamingCall<ReadResp> call, int count)
    {
        List<Wired> events = [];
        while (events.Count < count && await call.ResponseStream.MoveNext(Late))
            if (call.ResponseStream.Current.ContentCase == ReadResp.ContentOneofCase.Event) events.Add(call.ResponseStream.Current.Event);
        return events;
    }
}
