using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Events;
using EventFeatures.Views.FeatureViews;
using Npgsql;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.FeatureViews;

public sealed class OnlineReadTests : IAsyncLifetime
{
    private readonly InMemoryLog _log = new();
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task An_event_counts_in_the_next_read_that_names_its_position()
    {
        await using var host = await Projections.StartAsync(_database, _log);
        var first = await AppendAsync("card-1", Payments.Payment(10, Payments.Noon));
        var second = await AppendAsync("card-1", Payments.Payment(2.5, Payments.Noon + Duration.Parse("1m")));
        var reading = await host.ReadAsync("1", Payments.Noon + Duration.Parse("1m"), second);
        reading.KnownAt.ShouldBe(second);
        reading.Values[0].Value.ShouldBe(Value.Of(2));
        reading.Values[1].Value.ShouldBe(Value.Of(12.5));
        (await host.ReadAsync("1", Payments.Noon, first)).Values[0].Value.ShouldBe(Value.Of(1));
    }

    [Fact]
    public async Task An_event_is_visible_before_it_is_committed()
    {
        await using var host = await Projections.StartAsync(_database, _log, Projections.Quick with { CommitDelayMax = TimeSpan.FromHours(1) });
        var position = await AppendAsync("card-1", Payments.Payment(10, Payments.Noon));
        (await host.ReadAsync("1", Payments.Noon, position)).Values[0].Value.ShouldBe(Value.Of(1));
        (await _database.ScalarAsync("select count(*) from batch.card_activity_v1")).ShouldBe(0L);
    }

    [Fact]
    public async Task A_position_of_another_category_is_reached_without_a_checkpoint_of_the_subscription()
    {
        await using var host = await Projections.StartAsync(_database, new SilentLog(_log));
        await AppendAsync("card-1", Payments.Payment(10, Payments.Noon));
        for (var i = 0; i < 20; i++)
        {
            var elsewhere = await AppendAsync("prediction-" + i, new EventData(Guid.NewGuid(), "PredictionMade", "{}"u8.ToArray()));
            (await host.ReadAsync("1", Payments.Noon, elsewhere)).KnownAt.ShouldBeGreaterThanOrEqualTo(elsewhere);
        }
    }

    [Fact]
    public async Task A_view_never_claims_a_position_whose_own_event_is_still_on_its_way()
    {
        var log = new SilentLog(_log);
        await using var host = await (await Projections.StartAsync(_database, log)).CaughtUpAsync(log);
        await Projections.EventuallyAsync(() => host.CardActivity().State == "live", () => host.CardActivity().ToString());
        log.Hold();
        await AppendAsync("card-1", Payments.Payment(10, Payments.Noon));
        var elsewhere = await AppendAsync("prediction-1", new EventData(Guid.NewGuid(), "PredictionMade", "{}"u8.ToArray()));
        var read = host.ReadAsync("1", Payments.Noon, elsewhere);
        // The probe of the log's head had its say on the first ones when it asks once more.
        (await log.WasReadAsync(10, TimeSpan.FromSeconds(30))).ShouldBeTrue();
        read.IsCompleted.ShouldBeFalse();
        log.Release();
        (await read).Values[0].Value.ShouldBe(Value.Of(1));
    }

    [Fact]
    public async Task A_position_that_does_not_come_is_a_clear_refusal_at_the_deadline()
    {
        await using var host = await Projections.StartAsync(_database, _log, Projections.Quick with { ReadDeadline = TimeSpan.FromMilliseconds(100) });
        await AppendAsync("card-1", Payments.Payment(10, Payments.Noon));
        await host.CaughtUpAsync(_log);
        var error = await Should.ThrowAsync<ViewUnavailableException>(host.ReadAsync("1", Payments.Noon, new Position(1_000_000)));
        error.Message.ShouldContain("did not reach position 1000000 within 0.1 s");
    }

    [Fact]
    public async Task An_unknown_view_is_refused_with_those_that_exist()
    {
        await using var host = await Projections.StartAsync(_database, _log);
        var error = await Should.ThrowAsync<ViewUnavailableException>(async () => await host.ReadAsync(new ViewReference("card_activty", 1), "1", Payments.Noon));
        error.Message.ShouldContain("card_activity@v1");
    }

    [Fact]
    public async Task An_entity_without_events_is_not_found()
    {
        await using var host = await Projections.StartAsync(_database, _log);
        (await host.ReadAsync("nobody", Payments.Noon)).Values.ShouldAllBe(value => value.Status == FeatureStatus.NotFound);
    }

    [Fact]
    public async Task Entities_that_left_memory_are_served_from_their_documents()
    {
        var small = Projections.Quick with { HotEntitiesMax = 3, FoldMessagesMax = 4 };
        await using var host = await Projections.StartAsync(_database, _log, small);
        for (var i = 0; i < 200; i++)
            await AppendAsync($"card-{i % 20}", Payments.Payment(i, Payments.Noon + Duration.Parse($"{i}s")));
        await host.CaughtUpAsync(_log);
        for (var card = 0; card < 20; card++)
            (await host.ReadAsync($"{card}", Payments.Noon + Duration.Parse("10m"))).Values[0].Value.ShouldBe(Value.Of(10));
        host.CardActivity().Entities.ShouldBe(20);
    }

    [Fact]
    public async Task A_view_whose_tables_are_being_read_is_not_dropped_and_goes_on()
    {
        await using var host = await WithOnePaymentAsync();
        await using (var reading = await _database.Source.OpenConnectionAsync())
        {
            await using var read = await reading.BeginTransactionAsync();
            await using var rows = new NpgsqlCommand("select count(*) from batch.card_activity_v1", reading);
            await rows.ExecuteScalarAsync();

            (await Should.ThrowAsync<ViewUnavailableException>(host.Batch.RebuildAsync(Payments.CardActivity))).Message.ShouldContain("while its tables are read");
            await Projections.EventuallyAsync(() => host.CardActivity().State == "live", () => host.CardActivity().ToString());
            (await host.ReadAsync("1", Payments.Noon)).Values[0].Value.ShouldBe(Value.Of(1));
        }
        await host.Batch.RebuildAsync(Payments.CardActivity);
        await host.CaughtUpAsync(_log);
        (await host.ReadAsync("1", Payments.Noon)).Values[0].Value.ShouldBe(Value.Of(1));
    }

    [Fact]
    public async Task A_batch_read_that_the_database_cannot_answer_says_that_the_view_is_unavailable()
    {
        await using var host = await WithOnePaymentAsync();
        await _database.ScalarAsync("alter table batch.card_activity_v1 rename to away");

        await Should.ThrowAsync<ViewUnavailableException>(host.Batch.ReadEntitiesAsync(Payments.CardActivity, null, Position.Start).CountAsync().AsTask());

        await _database.ScalarAsync("alter table batch.away rename to card_activity_v1");
        (await host.Batch.ReadEntitiesAsync(Payments.CardActivity, null, new Position(1)).CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_view_declared_later_catches_up_by_itself()
    {
        var registry = new FixedRegistry();
        await using var host = Projections.Create(_database, _log, registry);
        await host.StartAsync();
        var position = await AppendAsync("card-1", Payments.Payment(10, Payments.Noon));
        registry.Declare(Payments.View());
        (await host.ReadAsync("1", Payments.Noon, position)).Values[0].Value.ShouldBe(Value.Of(1));
        await Projections.EventuallyAsync(() => host.CardActivity() is { State: "live", Gap: 0 } status && status.Lag == TimeSpan.Zero, () => host.CardActivity().ToString());
    }

    private async Task<Position> AppendAsync(string stream, EventData data) =>
        (await _log.AppendToStreamAsync(stream, StreamState.Any, [data])).Position;

    /// <summary>A host whose batch view holds the one payment of card 1.</summary>
    private async Task<ProjectionHost> WithOnePaymentAsync()
    {
        var host = await Projections.StartAsync(_database, _log);
        await _log.AppendToStreamAsync("card-1", StreamState.NoStream, [Payments.Payment(1, Payments.Noon)]);
        await host.CaughtUpAsync(_log);
        await host.Batch.DigestAsync(Payments.CardActivity);
        return host;
    }
}
