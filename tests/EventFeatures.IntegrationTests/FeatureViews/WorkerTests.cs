using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Events;
using EventFeatures.Views.FeatureViews;
using Npgsql;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.FeatureViews;

/// <summary>Several hosts that share the views of one database.</summary>
public sealed class WorkerTests : IAsyncLifetime
{
    private const int Cards = 60;

    private static readonly ViewsOptions Sharing = Projections.Quick with
    {
        LeaseBeat = TimeSpan.FromMilliseconds(50), LeaseDuration = TimeSpan.FromSeconds(2), BatchEventsMax = 100, UncommittedEventsMax = 300, HotEntitiesMax = 20,
    };

    private readonly InMemoryLog _log = new();
    private TestDatabase _shared = null!;
    private TestDatabase _alone = null!;

    public async Task InitializeAsync() => (_shared, _alone) = (await TestDatabase.CreateAsync(), await TestDatabase.CreateAsync());

    public async Task DisposeAsync()
    {
        await _shared.DisposeAsync();
        await _alone.DisposeAsync();
    }

    [Fact]
    public async Task Workers_that_come_and_go_divide_the_partitions_fairly_and_count_every_event_once()
    {
        await using var first = await Projections.StartAsync(_shared, _log, Sharing);
        await OwnAsync([first], [64]);
        await PaymentTraffic.AppendAsync(_log, 1, 600, Cards);
        var second = await Projections.StartAsync(_shared, _log, Sharing);
        await OwnAsync([first, second], [32, 32]);
        await PaymentTraffic.AppendAsync(_log, 2, 600, Cards + 1);
        var third = await Projections.StartAsync(_shared, _log, Sharing);
        await OwnAsync([first, second, third], [21, 21, 22]);
        await PaymentTraffic.AppendAsync(_log, 3, 600, Cards + 2);
        await second.DisposeAsync();
        await OwnAsync([first, third], [32, 32]);
        await third.DisposeAsync();
        await OwnAsync([first], [64]);

        await IsAsProjectedAloneAsync(first);
    }

    // With a condition, each stream's facts decide which of its events count, in the partition of its entity.
    [Theory]
    [InlineData(1, null)]
    [InlineData(2, null)]
    [InlineData(3, "status == 'approved'")]
    [InlineData(4, "status == 'approved'")]
    public async Task Workers_interrupted_at_random_have_the_digest_of_one_that_was_not(int seed, string? where)
    {
        var (random, view) = (new Random(seed), Payments.View(where: where));
        var hosts = new List<ProjectionHost>();
        for (var round = 0; round < 6; round++)
        {
            hosts.Add(await Projections.StartAsync(_shared, _log, Sharing, view));
            if (round % 2 == 0) hosts.Add(await Projections.StartAsync(_shared, _log, Sharing, view));
            await PaymentTraffic.AppendAsync(_log, (10 * seed) + round, 250, Cards + round);
            // Wherever the fold is at this moment, and without a commit.
            await hosts[random.Next(hosts.Count)].Batch.CaughtUpAsync(new Position((ulong)random.Next(1, 250 * (round + 1))), Projections.Deadline);
            var gone = random.Next(hosts.Count);
            await hosts[gone].DisposeAsync();
            hosts.RemoveAt(gone);
        }

        await IsAsProjectedAloneAsync(hosts[0], $"seed {seed}", view);
        foreach (var host in hosts) await host.DisposeAsync();
    }

    [Fact]
    public async Task A_view_whose_streams_feed_all_of_its_entities_moves_as_a_whole()
    {
        await Baskets.AppendAsync(_log, 1, 2_000, tills: 8);
        var hosts = new List<ProjectionHost>();
        for (var round = 0; round < 5; round++)
        {
            while (hosts.Count < 2) hosts.Add(await Projections.StartAsync(_shared, _log, Sharing, Baskets.View()));
            await OwnAsync([.. hosts], [0, 1], Baskets.Reference);
            await hosts[0].Batch.CaughtUpAsync(new Position((ulong)(400 * round) + 1), Projections.Deadline);
            // It may be on its way from one to the other, when nobody has it.
            ProjectionHost? owner = null;
            await Projections.EventuallyAsync(
                () => (owner = hosts.SingleOrDefault(host => host.StatusOf(Baskets.Reference)!.PartitionsHere == 1)) is not null,
                () => string.Join(' ', hosts.Select(host => host.StatusOf(Baskets.Reference))));
            await owner!.DisposeAsync();
            hosts.Remove(owner);
        }
        await using var alone = await Projections.StartAsync(_alone, _log, null, Baskets.View());
        (await DigestAsync(hosts[0], Baskets.Reference)).ShouldBe(await DigestAsync(alone, Baskets.Reference));
        await hosts[0].DisposeAsync();
    }

    [Fact]
    public async Task A_worker_that_lost_its_partitions_commits_nothing_and_claims_them_anew()
    {
        await PaymentTraffic.AppendAsync(_log, 4, 300, Cards);
        await using var host = await (await Projections.StartAsync(_shared, _log, Sharing)).CaughtUpAsync(_log);
        for (var i = 0; i < 3; i++)
        {
            // As if another had taken half of them while this one slept, and had gone again.
            await _shared.ScalarAsync("update views.view_partition set owner = gen_random_uuid(), epoch = epoch + 1 where partition % 2 = 0");
            await PaymentTraffic.AppendAsync(_log, 5 + i, 300, Cards + i);
        }
        await IsAsProjectedAloneAsync(host);
        host.CardActivity().Fault.ShouldBeNull();
        await OwnAsync([host], [64]);
    }

    [Fact]
    public async Task A_worker_that_could_not_commit_and_then_lost_its_partitions_is_not_stopped()
    {
        await PaymentTraffic.AppendAsync(_log, 11, 300, Cards);
        await using var host = await (await Projections.StartAsync(_shared, _log, Sharing)).CaughtUpAsync(_log);
        await host.Batch.DigestAsync(Payments.CardActivity);
        await _shared.ScalarAsync("alter table batch.card_activity_v1 rename to away");
        await PaymentTraffic.AppendAsync(_log, 12, 100, Cards);
        await Projections.EventuallyAsync(() => host.CardActivity().State == "stopped", () => host.CardActivity().ToString());
        // Another one lives and has taken all of them.
        await _shared.ScalarAsync("insert into views.worker (name, incarnation, expires_at, backlogs) values ('other', 'c0ffee00-0000-4000-8000-000000000000', clock_timestamp() + interval '1 hour', '{}')");
        await _shared.ScalarAsync("update views.view_partition set owner = 'c0ffee00-0000-4000-8000-000000000000', epoch = epoch + 1");
        await _shared.ScalarAsync("alter table batch.away rename to card_activity_v1");

        await OwnAsync([host], [0]);
        await Projections.EventuallyAsync(() => host.CardActivity().Fault is null, () => host.CardActivity().ToString());
    }

    [Fact]
    public async Task A_worker_that_has_no_part_of_a_view_makes_it_anew_where_it_was_dropped()
    {
        await PaymentTraffic.AppendAsync(_log, 14, 100, Cards);
        await using var host = await (await Projections.StartAsync(_shared, _log, Sharing)).CaughtUpAsync(_log);
        await _shared.ScalarAsync("insert into views.worker (name, incarnation, expires_at, backlogs) values ('other', 'c0ffee00-0000-4000-8000-000000000000', clock_timestamp() + interval '1 hour', '{}')");
        await _shared.ScalarAsync("update views.view_partition set owner = 'c0ffee00-0000-4000-8000-000000000000', epoch = epoch + 1");
        await Projections.EventuallyAsync(() => host.CardActivity() is { Partitions: 64, PartitionsHere: 0 }, () => host.CardActivity().ToString());
        // By the other one, which died before it made the view again that was revived.
        await _shared.ScalarAsync("drop table batch.card_activity_v1; delete from views.view_partition; delete from views.mt_doc_view_checkpoint; delete from views.mt_doc_online_entity; delete from views.worker where name = 'other'");

        await OwnAsync([host], [64]);
        await IsAsProjectedAloneAsync(host);
    }

    [Fact]
    public async Task A_second_process_of_a_workers_name_takes_its_place_at_once()
    {
        var named = Sharing with { WorkerName = "one", LeaseDuration = TimeSpan.FromMinutes(5), LeaseBeat = TimeSpan.FromMilliseconds(50) };
        await PaymentTraffic.AppendAsync(_log, 6, 300, Cards);
        await using var old = await (await Projections.StartAsync(_shared, _log, named)).CaughtUpAsync(_log);
        await using var successor = await (await Projections.StartAsync(_shared, _log, named)).CaughtUpAsync(_log);

        await OwnAsync([old, successor], [0, 64]);
        await IsAsProjectedAloneAsync(successor);
    }

    [Fact]
    public async Task Every_worker_answers_for_every_entity_alike_and_waits_for_a_position_wherever_it_is_projected()
    {
        await using var first = await Projections.StartAsync(_shared, _log, Sharing);
        await using var second = await Projections.StartAsync(_shared, _log, Sharing);
        await OwnAsync([first, second], [32, 32]);
        var view = Payments.View();
        for (var round = 0; round < 3; round++)
        {
            await PaymentTraffic.AppendAsync(_log, 20 + round, 200, Cards + round);
            var other = await _log.AppendToStreamAsync("other-1", StreamState.Any, [new EventData(Guid.NewGuid(), "Else", "{}"u8.ToArray())]);
            for (var card = 0; card < Cards; card++)
            {
                var rows = view.Admit(_log.Events.Where(recorded => recorded.StreamId == $"card-{card}")).Rows;
                if (rows.Count == 0) continue;
                foreach (var asOf in (Core.Time.Instant[])[rows[^1].OccurredAt, rows[rows.Count / 2].OccurredAt])
                    foreach (var host in (ProjectionHost[])[first, second])
                    {
                        var reading = await host.ReadAsync($"{card}", asOf, other.Position);
                        reading.Values.ShouldBe(view.Evaluate(rows, asOf), $"round {round}, card {card}");
                        (reading.KnownAt >= other.Position).ShouldBeTrue();
                    }
            }
        }
        var left = first.CardActivity();
        await Projections.EventuallyAsync(() => second.CardActivity().Events == first.CardActivity().Events, () => $"{left} {second.CardActivity()}");
    }

    [Fact]
    public async Task A_host_that_only_serves_owns_nothing_and_answers_for_all_at_the_workers_checkpoint_whether_or_not_they_live()
    {
        await using var readOnly = NpgsqlDataSource.Create(_shared.ReadOnlyConnectionString);
        await using var serving = await Projections.ServeAsync(readOnly, _log, Sharing);
        // Nobody has made the view yet; a read waits for whoever does.
        var worker = await Projections.StartAsync(_shared, _log, Sharing);
        await PaymentTraffic.AppendAsync(_log, 30, 400, Cards);
        var head = (await _log.ReadHeadAsync())!.Value;
        await ShouldServeAllAsync(serving, head);
        await OwnAsync([serving, worker], [0, 64]);

        await PaymentTraffic.AppendAsync(_log, 31, 200, Cards);
        await worker.CaughtUpAsync(_log);
        var committed = (await _log.ReadHeadAsync())!.Value;
        await using var impatient = await Projections.ServeAsync(readOnly, _log, Sharing with { ReadDeadline = TimeSpan.FromMilliseconds(300) });
        await worker.StopAsync();
        await worker.DisposeAsync();
        await ShouldServeAllAsync(serving, committed);
        serving.CardActivity().PartitionsHere.ShouldBe(0);
        await PaymentTraffic.AppendAsync(_log, 32, 50, Cards);
        var late = impatient.ReadAsync("1", Payments.Noon, (await _log.ReadHeadAsync())!.Value);
        (await Should.ThrowAsync<ViewUnavailableException>(late)).Message.ShouldContain("did not reach position");
        (await serving.Batch.DigestAsync(Payments.CardActivity)).ShouldNotBeEmpty();
        foreach (var build in (Task[])[serving.Batch.RebuildAsync(Payments.CardActivity), serving.Batch.CompareRebuildAsync(Payments.CardActivity)])
            (await Should.ThrowAsync<ViewUnavailableException>(build)).Message.ShouldContain("only served here");
    }

    private async Task ShouldServeAllAsync(ProjectionHost host, Position position)
    {
        var view = Payments.View();
        for (var card = 0; card < Cards; card++)
        {
            var rows = view.Admit(_log.Events.Where(recorded => recorded.StreamId == $"card-{card}")).Rows;
            if (rows.Count == 0) continue;
            var reading = await host.ReadAsync($"{card}", rows[^1].OccurredAt, position);
            reading.Values.ShouldBe(view.Evaluate(rows, rows[^1].OccurredAt), $"card {card}");
            (reading.KnownAt >= position).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_read_elsewhere_of_a_position_that_does_not_come_is_refused_at_its_deadline()
    {
        // Nobody dies here, and a lease that ran out on a busy machine would have them claim each other's partitions.
        var impatient = Sharing with { ReadDeadline = TimeSpan.FromMilliseconds(300), LeaseDuration = TimeSpan.FromMinutes(5) };
        await using var first = await Projections.StartAsync(_shared, _log, impatient);
        await using var second = await Projections.StartAsync(_shared, _log, impatient);
        await OwnAsync([first, second], [32, 32]);
        foreach (var host in (ProjectionHost[])[first, second])
            (await Should.ThrowAsync<ViewUnavailableException>(host.ReadAsync("1", Payments.Noon, new Position(1_000)))).Message.ShouldContain("position 1000 within 0.3 s");
    }

    [Fact]
    public async Task A_read_is_as_far_behind_as_the_partition_that_it_is_read_from_and_not_as_the_worst_of_all()
    {
        await PaymentTraffic.AppendAsync(_log, 13, 300, Cards);
        await using var host = await (await Projections.StartAsync(_shared, _log, Sharing)).CaughtUpAsync(_log);
        await host.Batch.DigestAsync(Payments.CardActivity);
        // Another worker lives, has half of the partitions, and says how far behind it is.
        await _shared.ScalarAsync("""
            insert into views.worker (name, incarnation, expires_at, backlogs) values ('other', 'c0ffee00-0000-4000-8000-000000000000',
                clock_timestamp() + interval '1 hour', '{"card_activity@v1": {"LagSeconds": 100, "Gap": 7, "Live": true}}')
            """);
        await _shared.ScalarAsync("update views.view_partition set owner = 'c0ffee00-0000-4000-8000-000000000000', epoch = epoch + 1 where partition % 2 = 0");
        await OwnAsync([host], [32]);
        await Projections.EventuallyAsync(() => host.CardActivity().Lag == TimeSpan.FromSeconds(100), () => host.CardActivity().ToString());

        // The run that has the half counts as behind until it has folded its first checkpoint.
        await Projections.EventuallyAsync(
            () => Backlogs(host) is var backlogs
                && backlogs.Count(backlog => backlog == new ViewBacklog(7, TimeSpan.FromSeconds(100))) is >= 1 and < Cards
                && backlogs.Any(backlog => backlog.Gap == 0 && backlog.Lag < TimeSpan.FromSeconds(100)),
            () => string.Join(", ", Backlogs(host).Distinct()));
    }

    [Fact]
    public async Task A_view_from_before_partitions_goes_on_from_its_checkpoint()
    {
        await PaymentTraffic.AppendAsync(_log, 7, 300, Cards);
        ViewStatus before;
        await using (var host = await (await Projections.StartAsync(_shared, _log, Sharing)).CaughtUpAsync(_log))
        {
            before = host.CardActivity();
            await host.StopAsync();
        }
        // As the software before left it: one checkpoint with the counts, and no partitions.
        await _shared.ScalarAsync(
            $$"""
            update views.mt_doc_view_checkpoint set data = data || jsonb_build_object('Position', (select max(position) from views.view_partition),
                'Entities', {{before.Entities}}, 'Events', {{before.Events}}, 'Quarantined', {{before.Quarantined}});
            drop table views.view_partition
            """);
        await PaymentTraffic.AppendAsync(_log, 8, 300, Cards + 1);
        await using var resumed = await Projections.StartAsync(_shared, _log, Sharing);
        await IsAsProjectedAloneAsync(resumed);
    }

    [Fact]
    public async Task A_rebuild_by_one_worker_takes_the_partitions_of_the_others_with_it()
    {
        await using var first = await Projections.StartAsync(_shared, _log, Sharing);
        await using var second = await Projections.StartAsync(_shared, _log, Sharing);
        await OwnAsync([first, second], [32, 32]);
        await PaymentTraffic.AppendAsync(_log, 9, 600, Cards);
        await second.CaughtUpAsync(_log);
        await _shared.ScalarAsync("update batch.card_activity_v1 set revision = revision + 1 where position % 7 = 0");

        await first.Batch.RebuildAsync(Payments.CardActivity);
        await PaymentTraffic.AppendAsync(_log, 10, 300, Cards + 1);
        await IsAsProjectedAloneAsync(first);
    }

    private async Task IsAsProjectedAloneAsync(ProjectionHost host, string? because = null, CompiledView? view = null)
    {
        await using var alone = await Projections.StartAsync(_alone, _log, null, view ?? Payments.View());
        (await DigestAsync(host, Payments.CardActivity)).ShouldBe(await DigestAsync(alone, Payments.CardActivity), because);
        await Projections.EventuallyAsync(() => Counts(host) == Counts(alone), () => $"{because} {host.CardActivity()} instead of {alone.CardActivity()}");
    }

    // Of all up to the log's end, committed: what a run has folded and not committed is folded anew where the run fails.
    private async Task<string> DigestAsync(ProjectionHost host, ViewReference view)
    {
        await host.Batch.ReadEntityAsync(view, "0", (await _log.ReadHeadAsync())!.Value);
        return await host.Batch.DigestAsync(view);
    }

    private static List<ViewBacklog> Backlogs(ProjectionHost host) =>
        [.. Enumerable.Range(0, Cards).Select(card => host.BacklogOf(Payments.CardActivity, $"{card}")!.Value)];

    private static (long, long, long) Counts(ProjectionHost host) =>
        host.CardActivity() is var status ? (status.Entities, status.Events, status.Quarantined) : default;

    private static Task OwnAsync(ProjectionHost[] hosts, int[] partitions, ViewReference? view = null) => Projections.EventuallyAsync(
        () => hosts.Select(host => host.StatusOf(view ?? Payments.CardActivity)!.PartitionsHere).Order().SequenceEqual(partitions),
        () => string.Join(", ", hosts.Select(host => host.StatusOf(view ?? Payments.CardActivity))));
}
