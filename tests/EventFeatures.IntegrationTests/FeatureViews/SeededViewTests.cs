using EventFeatures.Core.Entities;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.FeatureViews;

/// <summary>A version of a view that takes over what an older one holds is what it would be if it had read the log.</summary>
public sealed class SeededViewTests : IAsyncLifetime
{
    private static readonly ViewReference Second = new("card_activity", 2);

    private readonly InMemoryLog _log = new();
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_version_that_wants_no_other_columns_takes_over_rows_and_has_the_digest_of_one_that_read_the_log(int seed)
    {
        await PayAsync(seed, 400);
        var registry = new FixedRegistry(Payments.View());
        await using var host = Projections.Create(_database, _log, registry);
        await host.StartAsync();
        await host.CaughtUpAsync(_log);
        await host.Batch.DigestAsync(Payments.CardActivity);

        registry.Declare(Next());
        await PayAsync(seed + 10, 200);
        await host.CaughtUpAsync(_log);

        host.StatusOf(Second)!.BuiltFrom.ShouldStartWith("card_activity@v1 up to position ");
        (host.StatusOf(Second)!.Events, host.StatusOf(Second)!.Entities).ShouldBe((host.StatusOf(Payments.CardActivity)!.Events, host.StatusOf(Payments.CardActivity)!.Entities));
        await IsAsReadFromTheLogAsync(host);
        (await host.Batch.CompareRebuildAsync(Second)).Difference.ShouldBeNull();
        await host.Batch.RebuildAsync(Second);
        await host.CaughtUpAsync(_log);
        host.StatusOf(Second)!.BuiltFrom.ShouldBeEmpty("what is built again is built from the log");
        await IsAsReadFromTheLogAsync(host);
    }

    [Fact]
    public async Task Of_two_workers_one_takes_the_rows_over_and_both_go_on_from_there()
    {
        await PayAsync(5, 300);
        FixedRegistry[] registries = [new(Payments.View()), new(Payments.View())];
        await using var first = Projections.Create(_database, _log, registries[0]);
        await first.StartAsync();
        await using var second = Projections.Create(_database, _log, registries[1]);
        await second.StartAsync();
        await first.CaughtUpAsync(_log);
        await second.CaughtUpAsync(_log);
        await first.Batch.DigestAsync(Payments.CardActivity);
        await second.Batch.DigestAsync(Payments.CardActivity);

        foreach (var registry in registries) registry.Declare(Next());
        await PayAsync(6, 200);
        await first.CaughtUpAsync(_log);
        await second.CaughtUpAsync(_log);
        await first.Batch.DigestAsync(Second);
        await second.Batch.DigestAsync(Second);

        first.StatusOf(Second)!.BuiltFrom.ShouldStartWith("card_activity@v1 up to position ");
        second.StatusOf(Second)!.BuiltFrom.ShouldBe(first.StatusOf(Second)!.BuiltFrom);
        await IsAsReadFromTheLogAsync(first);
    }

    [Fact]
    public async Task A_version_whose_predecessor_refused_events_reads_the_log_and_says_so()
    {
        await PaymentTraffic.AppendAsync(_log, 3, 300, 20);
        var registry = new FixedRegistry(Payments.View());
        await using var host = Projections.Create(_database, _log, registry);
        await host.StartAsync();
        await host.CaughtUpAsync(_log);
        await host.Batch.DigestAsync(Payments.CardActivity);

        registry.Declare(Next());
        await host.CaughtUpAsync(_log);

        host.StatusOf(Second)!.BuiltFrom.ShouldMatch(@"^the log's first event on, since card_activity@v1 refused or passed over \d+ events, of which its rows tell nothing$");
        await IsAsReadFromTheLogAsync(host);
    }

    private async Task IsAsReadFromTheLogAsync(Views.FeatureViews.ProjectionHost host)
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var anew = await (await Projections.StartAsync(database, _log, null, Next())).CaughtUpAsync(_log);
        (await host.Batch.DigestAsync(Second)).ShouldBe(await anew.Batch.DigestAsync(Second));
    }

    /// <summary>Out of order and with odd numbers, but nothing that is refused.</summary>
    private async Task PayAsync(int seed, int events)
    {
        var random = new Random(seed);
        for (var i = 0; i < events; i++)
        {
            var amount = random.Next(4) switch { 0 => -0.0, 1 => 1e300, 2 => 0.1 * random.Next(100), _ => random.NextDouble() * 500 };
            var at = Payments.Noon + new Duration((((seed * 1_000L) + i) * 97_000_003L) - (random.Next(3_600) * 1_000_000L));
            await _log.AppendToStreamAsync($"card-{random.Next(20)}", StreamState.Any, [Payments.Payment(amount, at, "Ünï", random.Next(3) == 0 ? "declined" : "approved", random.Next(1_000_000) / 1000m, i)]);
        }
    }

    private static CompiledView Next()
    {
        var older = Payments.View();
        var definition = older.View with
        {
            Version = 2, Digest = "digest of the second",
            Features =
            [
                new Feature("sum_2h", "sum", new Window.Sliding(Duration.Parse("2h"))) { Of = "amount", Where = "status == 'approved'" },
                new Feature("mean_all", "mean", new Window.Unbounded()) { Of = "amount" },
                new Feature("fees", "stddev_samp", new Window.Rows(5)) { Of = "fee" },
                new Feature("visits", "count", new Window.Session(Duration.Parse("30m"))),
            ],
        };
        return CompiledView.Compile(definition, older.Contracts[0], new Entity { Name = "card", Version = 1, CanonicalJson = "{}", Digest = "entity", Keys = [new EntityKeyPart("card", ValueKind.String)] });
    }
}
