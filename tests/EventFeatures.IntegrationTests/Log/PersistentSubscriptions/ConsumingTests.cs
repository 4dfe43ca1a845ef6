using EventFeatures.Core.Events;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Persistent;
using Grpc.Core;
using Shouldly;
using Xunit;
using Action = EventFeatures.Log.Protocol.Persistent.ReadReq.Types.Nack.Types.Action;

namespace EventFeatures.IntegrationTests.Log.PersistentSubscriptions;

public sealed class ConsumingTests : PersistentSubscriptionTestBase
{
    private const string Stream = "card-1";

    [Fact, Trait("Fact", "27")]
    public async Task A_consumer_gets_a_confirmation_then_what_is_stored_then_what_comes_each_with_a_retry_count()
    {
        await using var running = await StartAsync();
        await AppendAsync(running, Stream, 30);
        await running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late);
        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);

        consumer.SubscriptionId.ShouldBe($"{Stream}::{Group}");
        var stored = await consumer.HandleAsync(30);
        await AppendAsync(running, "card-2", 5);
        await AppendAsync(running, Stream, 3);
        var live = await consumer.HandleAsync(3);

        stored.Concat(live).Select(read => read.Event.StreamRevision).ShouldBe(Enumerable.Range(0, 33).Select(revision => (ulong)revision));
        stored.Concat(live).ShouldAllBe(read => read.CountCase == ReadResp.Types.ReadEvent.CountOneofCase.RetryCount && read.RetryCount == 0);
        live[0].CommitPosition.ShouldBeGreaterThan(stored[^1].CommitPosition);
    }

    [Fact]
    public async Task An_event_arrives_also_where_the_one_that_was_to_follow_it_is_handled_already()
    {
        await using var running = await StartAsync();
        var settings = Settings();
        // None, since what is delivered again takes with it what was left lying.
        settings.MessageTimeoutMs = 0;
        await running.Groups.CreateAsync(OnStream(Stream, settings), cancellationToken: Late);
        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);
        // Larger than what a connection takes unread, so that the other two wait behind it.
        await running.Log.AppendToStreamAsync(Stream, StreamState.Any, [Event(1_000_000)], Late);
        await InfoAsync(running, Stream, info => info.TotalInFlightMessages == 1);
        var handled = Event();
        await running.Log.AppendToStreamAsync(Stream, StreamState.Any, [Event(), handled], Late);
        await InfoAsync(running, Stream, info => info.TotalInFlightMessages == 3);

        await consumer.AcknowledgeAsync(handled.EventId);
        await InfoAsync(running, Stream, info => info.TotalInFlightMessages == 2);

        (await consumer.NextAsync(2)).Select(read => read.Event.StreamRevision).ShouldBe([0ul, 1ul]);
    }

    [Fact, Trait("Fact", "26")]
    public async Task A_group_from_the_end_in_the_older_way_gets_only_what_comes_after_its_creation()
    {
        await using var running = await StartAsync();
        await AppendAsync(running, Stream, 5);
        var settings = Settings();
        settings.Revision = ulong.MaxValue;
        await running.Groups.CreateAsync(OnStream(Stream, settings), cancellationToken: Late);
        await AppendAsync(running, Stream, 2);

        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);

        (await consumer.NextAsync(2)).Select(read => read.Event.StreamRevision).ShouldBe([5ul, 6ul]);
        (await InfoAsync(running, Stream)).StartFrom.ShouldBe("-1");
    }

    [Fact]
    public async Task A_group_may_start_at_a_revision_which_is_included()
    {
        await using var running = await StartAsync();
        await AppendAsync(running, Stream, 5);
        var settings = Settings();
        settings.Revision = 3;
        await running.Groups.CreateAsync(OnStream(Stream, settings), cancellationToken: Late);

        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);

        (await consumer.NextAsync()).Event.StreamRevision.ShouldBe(3ul);
    }

    [Fact, Trait("Fact", "27")]
    public async Task Without_a_uuid_option_or_buffer_a_consumer_is_refused()
    {
        await using var running = await StartAsync();
        await running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late);

        foreach (var options in new[]
        {
            new ReadReq.Types.Options { StreamIdentifier = StreamNames.ToIdentifier(Stream), GroupName = Group, BufferSize = 1 },
            new ReadReq.Types.Options { StreamIdentifier = StreamNames.ToIdentifier(Stream), GroupName = Group, UuidOption = new() { String = new Empty() } },
        })
        {
            using var call = running.Groups.Read(cancellationToken: Late);
            await call.RequestStream.WriteAsync(new ReadReq { Options = options }, Late);
            (await Should.ThrowAsync<RpcException>(() => call.ResponseStream.MoveNext(Late))).StatusCode.ShouldBe(StatusCode.InvalidArgument);
        }
    }

    [Fact]
    public async Task Events_are_shared_between_consumers_and_each_goes_to_one()
    {
        await using var running = await StartAsync();
        await running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late);
        using var first = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);
        using var second = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);

        await AppendAsync(running, Stream, 20);
        var (ours, theirs) = (await first.NextAsync(10), await second.NextAsync(10));

        ours.Concat(theirs).Select(read => read.Event.StreamRevision).Order().ShouldBe(Enumerable.Range(0, 20).Select(revision => (ulong)revision));
    }

    [Fact]
    public async Task A_nack_retries_skips_or_parks_and_a_stop_ends_the_consumer()
    {
        await using var running = await StartAsync();
        await AppendAsync(running, Stream, 4);
        await running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late);
        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);
        var events = await consumer.NextAsync(4);

        await consumer.RefuseAsync(Action.Retry, events[0]);
        var again = await consumer.NextAsync();
        (again.Event.StreamRevision, again.RetryCount).ShouldBe((0ul, 1));
        await consumer.AcknowledgeAsync(again);
        await consumer.RefuseAsync(Action.Skip, events[1]);
        await consumer.RefuseAsync(Action.Park, events[2]);
        await consumer.RefuseAsync(Action.Stop, events[3]);

        var end = await consumer.EndAsync();
        end.StatusCode.ShouldBe(StatusCode.Cancelled);
        end.Trailers.GetValue("exception").ShouldBe("persistent-subscription-dropped");
        using var next = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);
        (await next.NextAsync()).Event.StreamRevision.ShouldBe(3ul);
        await InfoAsync(running, Stream, info => info is { ParkedMessageCount: 1, OutstandingMessagesCount: 1 });
    }

    [Fact]
    public async Task What_a_consumer_refused_by_a_stop_has_failed_once_and_goes_to_others()
    {
        await using var running = await StartAsync();
        await AppendAsync(running, Stream, 2);
        await running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late);
        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);
        var events = await consumer.NextAsync(2);

        await consumer.RefuseAsync(Action.Stop, events[0]);
        await consumer.EndAsync();

        using var next = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);
        (await next.NextAsync(2)).Select(read => (read.Event.StreamRevision, read.RetryCount)).Order().ShouldBe([(0ul, 1), (1ul, 1)]);
    }

    [Fact]
    public async Task What_a_killed_consumer_had_goes_to_the_next()
    {
        await using var running = await StartAsync();
        await AppendAsync(running, Stream, 3);
        await running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late);
        using (var killed = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late)) await killed.NextAsync(3);

        using var next = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);

        (await next.NextAsync(3)).Select(read => read.Event.StreamRevision).Order().ShouldBe([0ul, 1ul, 2ul]);
    }

    [Fact]
    public async Task An_event_that_is_never_answered_is_retried_and_then_parked()
    {
        await using var running = await StartAsync();
        await AppendAsync(running, Stream, 1);
        var settings = Settings();
        settings.MessageTimeoutMs = 100;
        await running.Groups.CreateAsync(OnStream(Stream, settings), cancellationToken: Late);
        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);

        (await consumer.NextAsync(3)).Select(read => read.RetryCount).ShouldBe([0, 1, 2]);

        (await InfoAsync(running, Stream, info => info.ParkedMessageCount == 1)).TotalInFlightMessages.ShouldBe(0);
    }

    [Fact]
    public async Task A_group_of_the_whole_log_gets_what_its_filter_lets_through_and_nothing_that_groups_write()
    {
        await using var running = await StartAsync();
        await running.Groups.CreateAsync(OnLog("card-"), cancellationToken: Late);
        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, null, Group, 5, Late);

        for (var index = 0; index < 20; index++)
        {
            await AppendAsync(running, $"noise-{index}", 3);
            await AppendAsync(running, $"card-{index}", 1);
        }

        consumer.SubscriptionId.ShouldBe($"$all::{Group}");
        (await consumer.HandleAsync(20)).Select(read => System.Text.Encoding.UTF8.GetString(read.Event.StreamIdentifier.StreamName.Span))
            .ShouldBe(Enumerable.Range(0, 20).Select(index => $"card-{index}"));
        await InfoAsync(running, null, info => info.LastCheckpointedEventPosition.Length > 0);
    }

    [Fact]
    public async Task A_group_of_the_whole_log_comes_to_rest_although_its_checkpoints_are_events_too()
    {
        await using var running = await StartAsync();
        await running.Groups.CreateAsync(OnLog(), cancellationToken: Late);
        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, null, Group, 5, Late);
        await AppendAsync(running, Stream, 12);

        var events = await consumer.HandleAsync(13);

        events.Count(read => read.Event.Metadata["type"] == "Tested").ShouldBe(12);
        var stored = await InfoAsync(running, null, info => info is { OutstandingMessagesCount: 0, LastCheckpointedEventPosition.Length: > 0 });
        stored.TotalItems.ShouldBe(13);
    }

    [Fact]
    public async Task Many_events_pass_through_many_consumers_once_each()
    {
        await using var running = await StartAsync();
        await running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late);
        var consumers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 50, Late)));
        var seen = new System.Collections.Concurrent.ConcurrentQueue<ulong>();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Late);
        var all = consumers.Select(consumer => Task.Run(async () =>
        {
            while (seen.Count < 2000)
            {
                var next = consumer.NextAsync();
                if (await Task.WhenAny(next, Task.Delay(System.Threading.Timeout.Infinite, done.Token)) != next) return;
                seen.Enqueue((await next).Event.StreamRevision);
                await consumer.AcknowledgeAsync(await next);
                if (seen.Count >= 2000) await done.CancelAsync();
            }
        }, Late)).ToList();

        for (var index = 0; index < 20; index++) await AppendAsync(running, Stream, 100);
        await Task.WhenAll(all);

        seen.Order().ShouldBe(Enumerable.Range(0, 2000).Select(revision => (ulong)revision));
        foreach (var consumer in consumers) consumer.Dispose();
    }
}
