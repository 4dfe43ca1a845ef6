using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Features;
using EventFeatures.Log.Protocol.Persistent;
using Grpc.Core;
using Npgsql;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log.PersistentSubscriptions;

public sealed class DefinitionTests : PersistentSubscriptionTestBase
{
    private const string Stream = "card-1";

    [Fact, Trait("Fact", "28")]
    public async Task What_exists_or_does_not_is_told_with_stream_and_group()
    {
        await using var running = await StartAsync();
        await ThrowsAsync(running.Groups.UpdateAsync(UpdateOf(Stream), cancellationToken: Late), StatusCode.NotFound, "persistent-subscription-does-not-exist");
        await ThrowsAsync(running.Groups.DeleteAsync(DeletionOf(Stream), cancellationToken: Late), StatusCode.NotFound, "persistent-subscription-does-not-exist");
        await running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late);

        await ThrowsAsync(running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late), StatusCode.AlreadyExists, "persistent-subscription-exists");
    }

    [Fact]
    public async Task A_group_from_the_end_of_a_link_stream_that_is_yet_to_be_counted_holds_up_no_other()
    {
        await using var running = await StartAsync();
        await AppendAsync(running, Stream, 3);
        await running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late);
        await using var holding = await Database.Source.OpenConnectionAsync(Late);
        await using var held = await holding.BeginTransactionAsync(Late);
        await using (var hold = new NpgsqlCommand("LOCK TABLE log.links", holding)) await hold.ExecuteNonQueryAsync(Late);
        var settings = Settings();
        settings.Revision = ulong.MaxValue;
        using var creating = running.Groups.CreateAsync(OnStream("$ce-card", settings), cancellationToken: Late);
        while (await Database.ScalarAsync("select count(*) from pg_stat_activity where application_name = 'eventfeatures-log-reader' and wait_event_type = 'Lock' and datname = current_database()") is not > 0L)
            await Task.Delay(10, Late);

        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);
        (await consumer.NextAsync()).Event.StreamRevision.ShouldBe(0ul);

        creating.ResponseAsync.IsCompleted.ShouldBeFalse("it waits still");
        await held.RollbackAsync(Late);
        await creating;
    }

    [Fact]
    public async Task Of_groups_that_would_share_their_streams_only_one_exists()
    {
        await using var running = await StartAsync();
        await running.Groups.CreateAsync(OnStream("a::b", group: "c"), cancellationToken: Late);

        await ThrowsAsync(running.Groups.CreateAsync(OnStream("a", group: "b::c"), cancellationToken: Late), StatusCode.AlreadyExists, "persistent-subscription-exists");
        var refused = await Should.ThrowAsync<RpcException>(() => TestConsumer.SubscribeAsync(running.Groups, "a", "b::c", 1, Late));

        refused.StatusCode.ShouldBe(StatusCode.NotFound, "nobody may consume one group by the other's name");
    }

    [Fact, Trait("Fact", "28")]
    public async Task One_consumer_more_than_allowed_is_refused()
    {
        await using var running = await StartAsync();
        var settings = Settings();
        settings.MaxSubscriberCount = 1;
        await running.Groups.CreateAsync(OnStream(Stream, settings), cancellationToken: Late);
        using var only = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);

        var refused = await Should.ThrowAsync<RpcException>(() => TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late));

        (refused.StatusCode, refused.Trailers.GetValue("exception")).ShouldBe((StatusCode.FailedPrecondition, "maximum-subscribers-reached"));
        refused.Trailers.GetValue("group-name").ShouldBe(Group);
    }

    [Theory, Trait("Fact", "28")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_update_or_a_delete_drops_the_consumers(bool isUpdate)
    {
        await using var running = await StartAsync();
        await running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late);
        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);

        if (isUpdate) await running.Groups.UpdateAsync(UpdateOf(Stream), cancellationToken: Late);
        else await running.Groups.DeleteAsync(DeletionOf(Stream), cancellationToken: Late);

        var end = await consumer.EndAsync();
        (end.StatusCode, end.Trailers.GetValue("exception")).ShouldBe((StatusCode.Cancelled, "persistent-subscription-dropped"));
        (end.Trailers.GetValue("stream-name"), end.Trailers.GetValue("group-name")).ShouldBe((Stream, Group));
    }

    [Fact]
    public async Task An_update_keeps_the_progress_and_a_group_created_anew_has_none()
    {
        await using var running = await StartAsync();
        await AppendAsync(running, Stream, 5);
        await running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late);
        using (var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 1, Late))
        {
            await consumer.HandleAsync(3);
            await InfoAsync(running, Stream, info => info.LastCheckpointedEventPosition == "2");
        }

        await running.Groups.UpdateAsync(UpdateOf(Stream), cancellationToken: Late);
        using (var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 1, Late))
            (await consumer.NextAsync()).Event.StreamRevision.ShouldBe(3ul);

        await running.Groups.DeleteAsync(DeletionOf(Stream), cancellationToken: Late);
        await running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late);
        using var anew = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 1, Late);
        (await anew.NextAsync()).Event.StreamRevision.ShouldBe(0ul);
    }

    [Fact]
    public async Task After_a_restart_groups_are_there_and_go_on_after_their_checkpoint()
    {
        await using (var running = await StartAsync())
        {
            await AppendAsync(running, Stream, 25);
            await running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late);
            using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 5, Late);
            await consumer.HandleAsync(17);
            await InfoAsync(running, Stream, info => info.OutstandingMessagesCount == 8);
        }

        await using var again = await StartAsync();
        using var next = await TestConsumer.SubscribeAsync(again.Groups, Stream, Group, 10, Late);

        (await next.NextAsync(8)).Select(read => read.Event.StreamRevision).ShouldBe([17ul, 18ul, 19ul, 20ul, 21ul, 22ul, 23ul, 24ul]);
    }

    [Fact]
    public async Task A_node_that_stops_tells_its_consumers_that_it_is_unavailable()
    {
        var running = await StartAsync();
        await running.Groups.CreateAsync(OnStream(Stream), cancellationToken: Late);
        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 10, Late);

        // As a consumer does; one that does not listen may only hear that the connection went.
        var ending = consumer.EndAsync();

        await running.Node.DisposeAsync();

        var end = await ending;
        end.StatusCode.ShouldBe(StatusCode.Unavailable, end.ToString());
        await running.DisposeAsync();
    }

    [Fact]
    public async Task Lists_name_all_groups_or_those_of_one_stream()
    {
        await using var running = await StartAsync();
        await running.Groups.CreateAsync(OnStream(Stream, group: "a"), cancellationToken: Late);
        await running.Groups.CreateAsync(OnStream(Stream, group: "b"), cancellationToken: Late);
        await running.Groups.CreateAsync(OnStream("card-2", group: "c"), cancellationToken: Late);
        await running.Groups.CreateAsync(OnLog(), cancellationToken: Late);

        var all = await running.Groups.ListAsync(new ListReq { Options = new() { ListAllSubscriptions = new Empty() } }, cancellationToken: Late);
        var one = await running.Groups.ListAsync(
            new ListReq { Options = new() { ListForStream = new() { Stream = StreamNames.ToIdentifier(Stream) } } }, cancellationToken: Late);

        all.Subscriptions.Select(info => (info.EventSource, info.GroupName)).ShouldBe([("$all", Group), (Stream, "a"), (Stream, "b"), ("card-2", "c")]);
        one.Subscriptions.Select(info => info.GroupName).ShouldBe(["a", "b"]);
        await ThrowsAsync(
            running.Groups.ListAsync(new ListReq { Options = new() { ListForStream = new() { Stream = StreamNames.ToIdentifier("none") } } }, cancellationToken: Late),
            StatusCode.NotFound, "persistent-subscription-does-not-exist");
    }

    [Fact]
    public async Task Information_shows_settings_progress_and_consumers()
    {
        await using var running = await StartAsync();
        await AppendAsync(running, Stream, 5);
        var settings = Settings();
        settings.ExtraStatistics = true;
        await running.Groups.CreateAsync(OnStream(Stream, settings), cancellationToken: Late);
        using var consumer = await TestConsumer.SubscribeAsync(running.Groups, Stream, Group, 4, Late);
        await consumer.HandleAsync(2);

        var info = await InfoAsync(running, Stream, info => info is { LastCheckpointedEventPosition: "1", TotalInFlightMessages: 3 });

        (info.EventSource, info.GroupName, info.Status, info.StartFrom, info.LastKnownEventPosition).ShouldBe((Stream, Group, "Live", "0", "4"));
        (info.MaxRetryCount, info.LiveBufferSize, info.NamedConsumerStrategy, info.TotalItems).ShouldBe((2, 500, "RoundRobin", 5));
        var connection = info.Connections.ShouldHaveSingleItem();
        (connection.AvailableSlots, connection.InFlightMessages, connection.TotalItems).ShouldBe((1, 3, 5));
        connection.ObservedMeasurements.ShouldContain(measurement => measurement.Key == "Median");
    }

    [Fact]
    public async Task Impossible_settings_and_names_are_refused_by_what_is_wrong()
    {
        await using var running = await StartAsync();
        var settings = Settings();
        settings.MaxRetryCount = -1;
        settings.ConsumerStrategy = "Best";

        var refused = await Should.ThrowAsync<RpcException>(() => running.Groups.CreateAsync(OnStream(Stream, settings), cancellationToken: Late).ResponseAsync);
        refused.StatusCode.ShouldBe(StatusCode.InvalidArgument);
        refused.Status.Detail.ShouldContain("max_retry_count");
        refused.Status.Detail.ShouldContain("'Best'");

        foreach (var request in new[] { OnStream(Stream, group: ""), OnStream("$all"), OnStream(new string('x', 2100)), new CreateReq() })
            (await Should.ThrowAsync<RpcException>(() => running.Groups.CreateAsync(request, cancellationToken: Late).ResponseAsync))
                .StatusCode.ShouldBe(StatusCode.InvalidArgument);
    }

    [Fact, Trait("Fact", "3")]
    public async Task The_features_that_official_clients_look_for_are_listed()
    {
        await using var running = await StartAsync();
        var supported = await new ServerFeatures.ServerFeaturesClient(running.Channel).GetSupportedMethodsAsync(new Empty(), cancellationToken: Late);

        supported.EventStoreServerVersion.ShouldMatch(@"^\d+\.\d+\.\d+$");
        foreach (var method in new[] { "create", "update", "delete", "read", "getinfo", "replayparked", "list" })
            supported.Methods.Single(each => each.ServiceName == "event_store.client.persistent_subscriptions.persistentsubscriptions" && each.MethodName == method)
                .Features.ShouldBe(["stream", "all"]);
    }

    private static async Task ThrowsAsync<T>(AsyncUnaryCall<T> call, StatusCode status, string exception)
    {
        var thrown = await Should.ThrowAsync<RpcException>(() => call.ResponseAsync);
        (thrown.StatusCode, thrown.Trailers.GetValue("exception")).ShouldBe((status, exception));
    }
}
