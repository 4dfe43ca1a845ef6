using System.Text;
using EventFeatures.Core.Events;
using EventFeatures.Log.Protocol.Persistent;
using Shouldly;
using Xunit;
using Action = EventFeatures.Log.Protocol.Persistent.ReadReq.Types.Nack.Types.Action;

namespace EventFeatures.IntegrationTests.Log.PersistentSubscriptions;

public sealed class ParkingTests : PersistentSubscriptionTestBase
{
    private const string Stream = "card-1";
    private const string Parked = $"$persistentsubscription-{Stream}::{Group}-parked";

    [Fact]
    public async Task Parked_events_are_links_with_a_reason_and_survive_a_restart()
    {
        await using (var running = await StartAsync()) await ParkAsync(running, 3);

        await using var again = await StartAsync();

        List<(string Type, string Data, string Metadata)> links = [];
        await foreach (var link in again.Log.ReadStreamAsync(Parked, cancellation: Late))
            links.Add((link.Type, Encoding.UTF8.GetString(link.Data.Span), Encoding.UTF8.GetString(link.Metadata.Span)));
        links.Select(link => (link.Type, link.Data)).ShouldBe([("$>", $"0@{Stream}"), ("$>", $"1@{Stream}"), ("$>", $"2@{Stream}")]);
        links.ShouldAllBe(link => link.Metadata.Contains("a test"));
        (await InfoAsync(again, Stream)).ParkedMessageCount.ShouldBe(3);
    }

    [Fact]
    public async Task A_replay_delivers_parked_events_with_their_links_and_a_fresh_retry_count()
    {
        await using var running = await StartAsync();
        await ParkAsync(running, 3);
        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);

        await ReplayAsync(running, Stream);
        var replayed = await consumer.HandleAsync(3);

        replayed.Select(read => (read.Event.StreamRevision, read.Link.StreamRevision, read.RetryCount)).ShouldBe([(0ul, 0ul, 0), (1ul, 1ul, 0), (2ul, 2ul, 0)]);
        (await InfoAsync(running, Stream, info => info is { ParkedMessageCount: 0, OutstandingMessagesCount: 0 })).TotalInFlightMessages.ShouldBe(0);
    }

    [Fact]
    public async Task A_replay_stops_before_the_revision_that_is_named()
    {
        await using var running = await StartAsync();
        await ParkAsync(running, 3);
        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);

        await ReplayAsync(running, Stream, stopAt: 2);
        (await consumer.HandleAsync(2)).Select(read => read.Event.StreamRevision).ShouldBe([0ul, 1ul]);
        (await InfoAsync(running, Stream, info => info.OutstandingMessagesCount == 0)).ParkedMessageCount.ShouldBe(1);

        await ReplayAsync(running, Stream);
        (await consumer.NextAsync()).Event.StreamRevision.ShouldBe(2ul);
    }

    [Fact]
    public async Task A_replayed_event_that_nobody_acknowledged_is_still_parked_after_a_restart()
    {
        await using (var running = await StartAsync())
        {
            await ParkAsync(running, 3);
            using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);
            await ReplayAsync(running, Stream);
            var replayed = await consumer.NextAsync(3);
            await consumer.AcknowledgeAsync(replayed[0]);
            await InfoAsync(running, Stream, info => info.OutstandingMessagesCount == 2);
        }

        await using var again = await StartAsync();

        (await InfoAsync(again, Stream)).ParkedMessageCount.ShouldBe(2);
        using var next = await TestConsumer.SubscribeAsync(again.Groups, Stream, Group, 10, Late);
        await ReplayAsync(again, Stream);
        (await next.HandleAsync(2)).Select(read => read.Event.StreamRevision).ShouldBe([1ul, 2ul]);
    }

    [Fact]
    public async Task The_parked_stream_can_be_deleted_but_not_closed_since_nothing_could_be_parked_any_more()
    {
        await using var running = await StartAsync();
        await ParkAsync(running, 1);

        (await Should.ThrowAsync<Exception>(() => running.Log.TombstoneStreamAsync(Parked, StreamState.Any, Late))).Message.ShouldContain("delete it instead");

        await running.Log.DeleteStreamAsync(Parked, StreamState.Any, Late);
    }

    [Fact]
    public async Task A_replayed_event_can_be_parked_again()
    {
        await using var running = await StartAsync();
        await ParkAsync(running, 1);
        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);
        await ReplayAsync(running, Stream);

        await consumer.RefuseAsync(Action.Park, await consumer.NextAsync());

        await InfoAsync(running, Stream, info => info is { ParkedMessageCount: 1, OutstandingMessagesCount: 0 });
        await ReplayAsync(running, Stream);
        var again = await consumer.NextAsync();
        (again.Event.StreamRevision, again.Link.StreamRevision).ShouldBe((0ul, 1ul));
    }

    [Fact]
    public async Task An_event_that_is_parked_anew_after_a_crash_is_there_whatever_was_replayed_before()
    {
        var settings = Settings();
        (settings.MinCheckpointCount, settings.MaxCheckpointCount) = (100, 100);
        await using (var running = await StartAsync()) await ParkAsync(running, 1, settings);
        for (var round = 1; round <= 3; round++)
        {
            await ForgetCheckpointAsync();
            await using (var running = await StartAsync())
            {
                using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 2, Late);
                await ReplayAsync(running, Stream);
                // The event itself comes again as well, since nothing says that it was handled.
                await consumer.HandleAsync(2);
                await InfoAsync(running, Stream, info => info.OutstandingMessagesCount == 0);
                await StoredAsync($"$${Parked}", round);
            }
            await ForgetCheckpointAsync();

            await using var again = await StartAsync();
            using var next = await TestConsumer.SubscribeAsync(again.Groups, Stream, Group, 1, Late);
            await next.RefuseAsync(Action.Park, await next.NextAsync());
            (await InfoAsync(again, Stream, info => info.OutstandingMessagesCount == 0)).ParkedMessageCount.ShouldBe(1, FormattableString.Invariant($"round {round}"));
        }
    }

    // Waits until a stream holds so many events.
    private async Task StoredAsync(string stream, long count)
    {
        while ((long)(await Database.ScalarAsync($"SELECT count(*) FROM log.events WHERE stream = '{stream}'"))! < count)
            await Task.Delay(TimeSpan.FromMilliseconds(20), Late);
    }

    // A node that is killed stores no checkpoint; one that is stopped stores it at the log's end.
    private async Task ForgetCheckpointAsync()
    {
        (await Database.ScalarAsync("DELETE FROM log.events WHERE stream LIKE '%-checkpoint' RETURNING position")).ShouldNotBeNull();
        (await Database.ScalarAsync("SELECT max(position) - count(*) FROM log.events")).ShouldBe(0L, "positions are dense");
    }

    private async Task ParkAsync(Running running, int count, CreateReq.Types.Settings? settings = null)
    {
        await AppendAsync(running, Stream, count);
        await running.Groups.CreateAsync(OnStream(Stream, settings), cancellationToken: Late);
        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, count, Late);
        await consumer.RefuseAsync(Action.Park, [.. await consumer.NextAsync(count)]);
        await InfoAsync(running, Stream, info => info.ParkedMessageCount == count);
    }
}
