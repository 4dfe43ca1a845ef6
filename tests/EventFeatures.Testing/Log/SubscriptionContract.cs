using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Shouldly;
using Xunit;
using Options = EventFeatures.Log.Protocol.Streaming.ReadReq.Types.Options;

namespace EventFeatures.Testing.Log;

/// <summary>Catch-up subscriptions: history, then live, once and in order.</summary>
public abstract class SubscriptionContract(string connectionString) : LogContract(connectionString)
{
    [Fact, Trait("Fact", "20")]
    public async Task A_confirmation_comes_first_then_history_then_one_caught_up_then_live_events()
    {
        await AppendBatchAsync(Batch(Stream(), Events(3)));
        using var call = Wire.Read(SubscribeToStream(Stream()), cancellationToken: Late);

        var history = await TakeAsync(call, 5);
        await AppendBatchAsync(Batch(Stream(), Events(2)));
        var live = await TakeAsync(call, 2);

        history.Select(message => message.ContentCase).ShouldBe([
            ReadResp.ContentOneofCase.Confirmation, ReadResp.ContentOneofCase.Event, ReadResp.ContentOneofCase.Event,
            ReadResp.ContentOneofCase.Event, ReadResp.ContentOneofCase.CaughtUp]);
        history[0].Confirmation.SubscriptionId.ShouldNotBeEmpty();
        live.Select(message => message.Event.Event.StreamRevision).ShouldBe([3ul, 4ul]);
    }

    [Fact, Trait("Fact", "20")]
    public async Task The_revision_that_a_subscription_starts_from_is_not_included()
    {
        await AppendBatchAsync(Batch(Stream(), Events(3)));
        var request = SubscribeToStream(Stream());
        request.Options.Stream.Revision = 1;
        using var call = Wire.Read(request, cancellationToken: Late);

        (await TakeAsync(call, 2))[1].Event.Event.StreamRevision.ShouldBe(2ul);
    }

    [Fact, Trait("Fact", "20")]
    public async Task A_subscription_to_a_missing_stream_confirms_and_waits()
    {
        using var call = Wire.Read(SubscribeToStream(Stream()), cancellationToken: Late);
        (await TakeAsync(call, 1))[0].ContentCase.ShouldBe(ReadResp.ContentOneofCase.Confirmation);

        await AppendBatchAsync(Batch(Stream(), Event()));

        while (await call.ResponseStream.MoveNext(Late))
            if (call.ResponseStream.Current.ContentCase == ReadResp.ContentOneofCase.Event) break;
        call.ResponseStream.Current.Event.Event.StreamRevision.ShouldBe(0ul);
    }

    [Fact, Trait("Fact", "20")]
    public async Task The_position_that_a_subscription_starts_after_is_not_included()
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(3), Late);
        var recorded = await ReadAsync(Stream());

        (await FirstEventsAsync(FromAll.After(recorded[0].Position), 2)).Select(each => each.Revision).ShouldBe([1L, 2L]);
    }

    [Fact]
    public async Task History_and_what_is_appended_meanwhile_come_once_and_in_order()
    {
        for (var part = 0; part < 4; part++) await Log.AppendToStreamAsync(Stream("history"), StreamState.Any, Events(250), Late);

        var delivered = FirstEventsAsync(FromAll.Start, 2000);
        for (var part = 0; part < 100; part++) await Log.AppendToStreamAsync(Stream("live"), StreamState.Any, Events(10), Late);

        var events = await delivered;
        events.Select(each => each.Position.Value).ShouldBeInOrder(SortDirection.Ascending);
        events.Select(each => each.EventId).ShouldBeUnique();
        events.Where(each => each.StreamId == Stream("history")).Select(each => each.Revision).ShouldBe(Enumerable.Range(0, 1000).Select(revision => (long)revision));
        events.Where(each => each.StreamId == Stream("live")).Select(each => each.Revision).ShouldBe(Enumerable.Range(0, 1000).Select(revision => (long)revision));
    }

    [Fact]
    public async Task From_the_end_only_what_is_appended_later_comes()
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(3), Late);
        await using var messages = Log.SubscribeToAll(FromAll.End, EventFilter.ByStreamPrefix(Prefix), Late).GetAsyncEnumerator(Late);
        while (await messages.MoveNextAsync() && messages.Current is not LogMessage.CaughtUp) messages.Current.ShouldNotBeOfType<LogMessage.Event>();

        await Log.AppendToStreamAsync(Stream(), StreamState.Any, [Event()], Late);

        while (await messages.MoveNextAsync())
            if (messages.Current is LogMessage.Event { Recorded: var recorded })
            {
                recorded.Revision.ShouldBe(3);
                return;
            }
    }

    [Fact, Trait("Fact", "21")]
    public async Task A_filtered_subscription_tells_how_far_it_has_looked_and_can_resume_from_there()
    {
        for (var part = 0; part < 3; part++) await Log.AppendToStreamAsync(Stream("unwanted"), StreamState.Any, Events(400), Late);
        Position? checkpoint = null;
        await foreach (var message in Log.SubscribeToAll(FromAll.Start, EventFilter.ByStreamPrefix(Prefix + "-wanted"), Late))
        {
            message.ShouldNotBeOfType<LogMessage.Event>();
            if (message is not LogMessage.Checkpoint told) continue;
            checkpoint = told.Position;
            break;
        }

        await Log.AppendToStreamAsync(Stream("wanted"), StreamState.Any, [Event()], Late);

        (await FirstEventsAsync(FromAll.After(checkpoint!.Value), 1, Prefix + "-wanted"))[0].StreamId.ShouldBe(Stream("wanted"));
    }

    [Fact, Trait("Fact", "21")]
    public async Task A_checkpoint_whose_prepare_position_is_zero_can_be_resumed_from()
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(2), Late);
        var first = (await ReadAsync(Stream()))[0].Position.Value;
        using var call = Wire.Read(ReadRequests.Subscribe((first, 0), EventFilter.ByStreamPrefix(Prefix)), cancellationToken: Late);

        while (await call.ResponseStream.MoveNext(Late))
            if (call.ResponseStream.Current.ContentCase == ReadResp.ContentOneofCase.Event) break;
        call.ResponseStream.Current.Event.Event.StreamRevision.ShouldBeLessThanOrEqualTo(1ul);
    }

    [Fact, Trait("Fact", "22")]
    public async Task A_consumer_that_is_slower_than_the_log_still_gets_everything_in_order()
    {
        var head = await Log.AppendToStreamAsync(Stream("first"), StreamState.Any, [Event()], Late);
        var large = new byte[64 * 1024];
        await using var messages = Log.SubscribeToAll(FromAll.After(head.Position), EventFilter.ByStreamPrefix(Prefix), Late).GetAsyncEnumerator(Late);
        var first = messages.MoveNextAsync();

        // More than the windows and the tail's buffers hold, while nobody takes any of it.
        for (var part = 0; part < 40; part++)
            await Log.AppendToStreamAsync(Stream("flood"), StreamState.Any, [.. Events(10).Select(data => data with { Data = large })], Late);

        List<long> revisions = [];
        for (var more = await first; more; more = await messages.MoveNextAsync())
        {
            if (messages.Current is LogMessage.Event { Recorded: var recorded }) revisions.Add(recorded.Revision);
            if (revisions.Count == 400) break;
        }
        revisions.ShouldBe(Enumerable.Range(0, 400).Select(revision => (long)revision));
    }

    private static ReadReq SubscribeToStream(string stream)
    {
        var request = ReadRequests.Stream(stream, ReadDirection.Forwards, null, 1);
        request.Options.Subscription = new Options.Types.SubscriptionOptions();
        return request;
    }

    private async Task<List<ReadResp>> TakeAsync(AsyncServerStreamingCall<ReadResp> call, int count)
    {
        List<ReadResp> messages = [];
        while (messages.Count < count && await call.ResponseStream.MoveNext(Late)) messages.Add(call.ResponseStream.Current);
        return messages;
    }

    private async Task<List<RecordedEvent>> FirstEventsAsync(FromAll from, int count, string? prefix = null)
    {
        List<RecordedEvent> events = [];
        await foreach (var message in Log.SubscribeToAll(from, EventFilter.ByStreamPrefix(prefix ?? Prefix), Late))
        {
            if (message is LogMessage.Event { Recorded: var recorded }) events.Add(recorded);
            if (events.Count == count) break;
        }
        return events;
    }
}
