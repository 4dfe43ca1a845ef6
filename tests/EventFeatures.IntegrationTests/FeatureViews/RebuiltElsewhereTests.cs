using EventFeatures.Core.Events;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Events;
using EventFeatures.Views.FeatureViews;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.FeatureViews;

/// <summary>A worker asked after another one has emptied a view to build it again, and before it hears of that by itself.</summary>
public sealed class RebuiltElsewhereTests : IAsyncLifetime
{
    private const int Cards = 40;

    // Nothing but what it is asked lets a worker learn what became of its partitions.
    private static readonly ViewsOptions Deaf = Projections.Quick with
    {
        LeaseBeat = TimeSpan.FromMinutes(10), LeaseDuration = TimeSpan.FromMinutes(30), CheckpointDelayMax = TimeSpan.FromMinutes(10),
    };

    // And it keeps what it folds to itself for a while.
    private static readonly ViewsOptions Slow = Deaf with { CommitDelayMax = TimeSpan.FromSeconds(3) };

    private readonly InMemoryLog _log = new();
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    // By the state in the database, or by the rows, also of a state in memory that does not reach back so far.
    [Theory]
    [InlineData(1, 1.0)]
    [InlineData(1, 0.1)]
    [InlineData(1_000, 0.1)]
    public async Task What_it_answers_of_an_entity_is_what_the_log_says(int entitiesMax, double share)
    {
        var (first, second) = await StartTwoAsync(Deaf with { HotEntitiesMax = entitiesMax });
        await using var a = first;
        await using var b = second;
        await ShouldAnswerAsync(first, share: 1);
        await second.Batch.RebuildAsync(Payments.CardActivity);

        await ShouldAnswerAsync(first, share);
    }

    [Fact]
    public async Task What_it_folds_meanwhile_goes_to_what_was_there_before()
    {
        var (first, second) = await StartTwoAsync(Slow with { HotEntitiesMax = 1 });
        await using var a = first;
        await using var b = second;
        await second.Batch.RebuildAsync(Payments.CardActivity);
        for (var card = 0; card < Cards; card++)
            await _log.AppendToStreamAsync($"card-{card}", StreamState.Any, [Payments.Payment(1, Payments.Noon + Core.Time.Duration.Parse("1d"))]);

        await ShouldAnswerAsync(first, share: 1);
    }

    [Fact]
    public async Task What_it_reads_of_the_rows_is_all_of_them()
    {
        await Baskets.AppendAsync(_log, 1, 300, tills: 8);
        await using var first = await (await Projections.StartAsync(_database, _log, Deaf, Baskets.View())).CaughtUpAsync(_log);
        var head = (await _log.ReadHeadAsync())!.Value;
        var before = await ReadRowsAsync(first, head);
        var digest = await first.Batch.DigestAsync(Baskets.Reference);
        await using var second = await Projections.StartAsync(_database, _log, Deaf, Baskets.View());
        foreach (var read in (Func<Task>[])
            [
                // First, while the view is certainly this one's: it is of what is visible here when it is asked for.
                async () => (await first.Batch.DigestAsync(Baskets.Reference)).ShouldBe(digest),
                async () => (await ReadRowsAsync(first, head)).ShouldBe(before),
                async () => (await first.Batch.ReadEntityAsync(Baskets.Reference, before[0].Key, head)).Count.ShouldBe(before[0].Rows),
            ])
        {
            await first.Batch.CaughtUpAsync(head, Projections.Deadline);
            await second.Batch.RebuildAsync(Baskets.Reference);
            await read();
        }
    }

    private static async Task<List<(string Key, int Rows)>> ReadRowsAsync(ProjectionHost host, Position position)
    {
        var read = new List<(string, int)>();
        await foreach (var entity in host.Batch.ReadEntitiesAsync(Baskets.Reference, null, position)) read.Add((entity.EntityKey, entity.Rows.Count));
        return read;
    }

    // Each with its half from the start, so that neither has to hear of the other.
    private async Task<(ProjectionHost First, ProjectionHost Second)> StartTwoAsync(ViewsOptions options)
    {
        await PaymentTraffic.AppendAsync(_log, 1, 3_000, Cards);
        await using (var before = await (await Projections.StartAsync(_database, _log)).CaughtUpAsync(_log)) await before.StopAsync();
        await _database.ScalarAsync("insert into views.worker (name, incarnation, expires_at, backlogs) values ('other', gen_random_uuid(), clock_timestamp() + interval '1 hour', '{}')");
        var first = await Projections.StartAsync(_database, _log, options);
        await OwnHalfAsync(first);
        await _database.ScalarAsync("delete from views.worker where name = 'other'");
        var second = await Projections.StartAsync(_database, _log, Deaf);
        await OwnHalfAsync(second);
        return (first, second);
    }

    private static Task OwnHalfAsync(ProjectionHost host) =>
        Projections.EventuallyAsync(() => host.CardActivity().PartitionsHere == 32, () => host.CardActivity().ToString());

    // All at once, since what the one who emptied the view left free is there again only when this one has claimed it.
    private Task ShouldAnswerAsync(ProjectionHost host, double share) =>
        Task.WhenAll(Enumerable.Range(0, Cards).Select(card => ShouldAnswerAsync(host, card, share)));

    private async Task ShouldAnswerAsync(ProjectionHost host, int card, double share)
    {
        var (view, head) = (Payments.View(), (await _log.ReadHeadAsync())!.Value);
        var rows = view.Admit(_log.Events.Where(recorded => recorded.StreamId == $"card-{card}")).Rows;
        if (rows.Count == 0) return;
        var asOf = rows[(int)(share * (rows.Count - 1))].OccurredAt;
        var reading = await host.ReadAsync($"{card}", asOf, head);
        reading.Values.ShouldBe(view.Evaluate(rows, asOf), $"card {card}");
        (reading.KnownAt >= head).ShouldBeTrue();
    }
}
