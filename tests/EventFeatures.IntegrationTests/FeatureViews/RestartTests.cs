using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Values;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Events;
using EventFeatures.Views.FeatureViews;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.FeatureViews;

public sealed class RestartTests : IAsyncLifetime
{
    // Small bounds, so that a short log meets every border: commits, evictions, back-pressure, forgotten ids.
    internal static readonly ViewsOptions Cramped = Projections.Quick with
    {
        BatchEventsMax = 40, UncommittedEventsMax = 100, FoldMessagesMax = 16, ReceivedMessagesMax = 64, HotEntitiesMax = 8, CommitDelayMax = TimeSpan.FromMilliseconds(2),
    };

    private readonly InMemoryLog _log = new();
    private TestDatabase _undisturbed = null!;
    private TestDatabase _disturbed = null!;

    public async Task InitializeAsync() => (_undisturbed, _disturbed) = (await TestDatabase.CreateAsync(), await TestDatabase.CreateAsync());

    public async Task DisposeAsync()
    {
        await _undisturbed.DisposeAsync();
        await _disturbed.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_projection_interrupted_five_times_has_the_digest_of_one_that_was_not(int seed)
    {
        const int Events = 2_500;
        await PaymentTraffic.AppendAsync(_log, seed, Events, cards: 25);
        var random = new Random(seed);
        var stops = Enumerable.Range(0, 5).Select(_ => (ulong)random.Next(1, Events)).Order().ToList();
        foreach (var stop in stops)
        {
            // Disposed of without a commit, as a killed process would be.
            await using var interrupted = await Projections.StartAsync(_disturbed, _log, Cramped);
            await interrupted.Batch.CaughtUpAsync(new Position(stop), Projections.Deadline);
        }
        await using var resumed = await (await Projections.StartAsync(_disturbed, _log, Cramped)).CaughtUpAsync(_log);
        await using var whole = await (await Projections.StartAsync(_undisturbed, _log)).CaughtUpAsync(_log);

        (await resumed.Batch.DigestAsync(Payments.CardActivity)).ShouldBe(
            await whole.Batch.DigestAsync(Payments.CardActivity), $"seed {seed}, stopped at {string.Join(", ", stops)}");
        var (left, right) = (resumed.CardActivity(), whole.CardActivity());
        (left.Entities, left.Events, left.Quarantined).ShouldBe((right.Entities, right.Events, right.Quarantined));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Online_values_and_batch_rows_are_those_of_the_streams_themselves_bit_for_bit(int seed)
    {
        await PaymentTraffic.AppendAsync(_log, seed, 2_000, cards: 12);
        await using var host = await (await Projections.StartAsync(_disturbed, _log, Cramped)).CaughtUpAsync(_log);
        var view = Payments.View();
        var head = (await _log.ReadHeadAsync())!.Value;
        var random = new Random(seed);
        var stored = new Dictionary<string, IReadOnlyList<FeatureRow>>();
        await foreach (var entity in host.Batch.ReadEntitiesAsync(Payments.CardActivity, null, head)) stored.Add(entity.EntityKey, entity.Rows);

        stored.Keys.ShouldBe(stored.Keys.Order(StringComparer.Ordinal));
        for (var card = 0; card < 12; card++)
        {
            var expected = view.Admit(_log.Events.Where(recorded => recorded.StreamId == $"card-{card}")).Rows;
            stored[$"{card}"].Select(Describe).ShouldBe(expected.Select(Describe));
            (await host.Batch.ReadEntityAsync(Payments.CardActivity, $"{card}", head)).Select(Describe).ShouldBe(expected.Select(Describe));
            for (var i = 0; i < 20; i++)
            {
                var asOf = expected[random.Next(expected.Count)].OccurredAt with { } + new Core.Time.Duration(random.NextInt64(-10_000_000, 10_000_000_000));
                (await host.ReadAsync($"{card}", asOf)).Values.ShouldBe(view.Evaluate(expected, asOf), $"seed {seed}, card {card}, as of {asOf}");
            }
        }
    }

    [Fact]
    public async Task Rows_and_states_never_go_past_the_committed_checkpoint()
    {
        await PaymentTraffic.AppendAsync(_log, 6, 2_000, cards: 12);
        for (var i = 0; i < 4; i++)
        {
            await using (var host = await Projections.StartAsync(_disturbed, _log, Cramped))
                await host.Batch.CaughtUpAsync(new Position((ulong)(300 * (i + 1))), Projections.Deadline);
            // At one moment, since a commit that was cut short may still land.
            var counts = (long[])(await _disturbed.ScalarAsync(
                """
                with committed as (select coalesce(min(position), 0) as checkpoint from views.view_partition)
                select array[
                    checkpoint,
                    (select count(*) from batch.card_activity_v1 where position > checkpoint),
                    (select count(*) from views.mt_doc_online_entity where (data ->> 'LastPosition')::bigint > checkpoint),
                    (select count(*) from batch.card_activity_v1)]
                from committed
                """))!;
            var (checkpoint, rows) = (counts[0], counts[3]);
            (counts[1], counts[2]).ShouldBe((0L, 0L));
            var admitted = Enumerable.Range(0, 12).Sum(card => Payments.View()
                .Admit(_log.Events.Where(recorded => recorded.StreamId == $"card-{card}" && recorded.Position.Value <= (ulong)checkpoint)).Rows.Count);
            rows.ShouldBe(admitted);
        }
    }

    [Fact]
    public async Task A_rebuilt_view_is_the_same_view()
    {
        await PaymentTraffic.AppendAsync(_log, 7, 1_000, cards: 12);
        await using var host = await (await Projections.StartAsync(_undisturbed, _log)).CaughtUpAsync(_log);
        var before = await host.Batch.DigestAsync(Payments.CardActivity);
        var quarantined = _log.Events.Count(recorded => recorded.Type == "EventQuarantined");
        await _undisturbed.ScalarAsync("update batch.card_activity_v1 set revision = revision + 1 where position % 7 = 0");
        (await host.Batch.DigestAsync(Payments.CardActivity)).ShouldNotBe(before);

        await host.Batch.RebuildAsync(Payments.CardActivity);
        await host.CaughtUpAsync(_log);
        (await host.Batch.DigestAsync(Payments.CardActivity)).ShouldBe(before);
        _log.Events.Count(recorded => recorded.Type == "EventQuarantined").ShouldBe(quarantined);
    }

    [Fact]
    public async Task A_stopped_host_leaves_nothing_to_fold_again()
    {
        await PaymentTraffic.AppendAsync(_log, 8, 500, cards: 12);
        var host = await (await Projections.StartAsync(_undisturbed, _log, Projections.Quick with { CommitDelayMax = TimeSpan.FromHours(1) })).CaughtUpAsync(_log);
        var events = host.CardActivity().Events;
        await host.StopAsync();
        await host.DisposeAsync();
        (await _undisturbed.ScalarAsync("select count(*) from batch.card_activity_v1")).ShouldBe(events);
    }

    [Fact]
    public async Task A_restart_reads_the_log_from_the_checkpoint_on_and_no_further_back()
    {
        await PaymentTraffic.AppendAsync(_log, 9, 500, cards: 12);
        await using (var host = await (await Projections.StartAsync(_undisturbed, _log)).CaughtUpAsync(_log)) await host.StopAsync();
        var checkpoint = new Position((ulong)(long)(await _undisturbed.ScalarAsync("select min(position) from views.view_partition"))!);
        checkpoint.Value.ShouldBeGreaterThan(400UL);

        var log = new SilentLog(_log);
        await using var resumed = await (await Projections.StartAsync(_undisturbed, log)).CaughtUpAsync(_log);
        log.SubscribedFrom.ShouldBe(FromAll.After(checkpoint));
    }

    private static string Describe(FeatureRow row) =>
        $"{row.EntityKey} {row.OccurredAt} {row.RecordedAt} {row.Position} {row.StreamId} {row.Revision} {row.EventId} {row.EventType} "
        + string.Join(", ", row.Columns.Select(value => value.Kind == ValueKind.Number ? $"{BitConverter.DoubleToInt64Bits(value.Number):x16}" : $"{value.Kind} {value}"));
}
