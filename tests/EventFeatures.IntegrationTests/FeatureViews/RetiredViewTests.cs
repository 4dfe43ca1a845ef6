using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.FeatureViews;

/// <summary>Versions of views that are projected no more.</summary>
public sealed class RetiredViewTests : IAsyncLifetime
{
    private readonly InMemoryLog _log = new();
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task What_a_worker_still_writes_that_hears_of_it_late_goes_with_the_last_of_them_and_all_of_it_comes_back()
    {
        var (early, late) = (new FixedRegistry(Payments.View()), new FixedRegistry(Payments.View()));
        await using var first = Projections.Create(_database, _log, early);
        await first.StartAsync();
        await using var second = Projections.Create(_database, _log, late);
        await second.StartAsync();
        await PaymentTraffic.AppendAsync(_log, 1, 300, 20);
        await first.CaughtUpAsync(_log);
        var digest = await first.Batch.DigestAsync(Payments.CardActivity);

        early.Retire(Payments.CardActivity);
        await Projections.EventuallyAsync(() => first.Status().Count == 0, () => "the first still projects it");
        // The second knows nothing of it yet: where it has partitions it makes the tables anew, and begins again.
        await PaymentTraffic.AppendAsync(_log, 2, 300, 20);
        late.Retire(Payments.CardActivity);
        await Testing.Specs.Eventually.TrueAsync(async () => await LeftAsync() == 0, Projections.Deadline, () => "The database still holds some of it.");

        early.Retire();
        late.Retire();
        await first.CaughtUpAsync(_log);
        await second.CaughtUpAsync(_log);
        (await first.Batch.DigestAsync(Payments.CardActivity)).ShouldNotBe(digest, "more was paid since");
        await using var alone = await TestDatabase.CreateAsync();
        await using var anew = await Projections.StartAsync(alone, _log);
        await anew.CaughtUpAsync(_log);
        (await first.Batch.DigestAsync(Payments.CardActivity)).ShouldBe(await anew.Batch.DigestAsync(Payments.CardActivity));
    }

    [Fact]
    public async Task What_somebody_holds_on_to_for_long_goes_once_he_lets_it_go_and_before_the_view_is_revived()
    {
        var registry = new FixedRegistry(Payments.View());
        await using var host = Projections.Create(_database, _log, registry);
        await host.StartAsync();
        await PaymentTraffic.AppendAsync(_log, 1, 300, 20);
        await host.CaughtUpAsync(_log);
        await host.Batch.DigestAsync(Payments.CardActivity);
        await _database.ScalarAsync("create view public.held as select * from batch.card_activity_v1");
        registry.Retire(Payments.CardActivity);
        await Projections.EventuallyAsync(() => host.Status().Count == 0, () => "it is still projected");
        // More attempts than it makes one soon after the other.
        await Task.Delay(8 * Projections.Quick.RetryDelayMax);
        registry.Retire();
        await _database.ScalarAsync("update batch.card_activity_v1 set revision = -1");
        await _database.ScalarAsync("drop view public.held");

        await host.CaughtUpAsync(_log);
        await host.Batch.ReadEntityAsync(Payments.CardActivity, "1", (await _log.ReadHeadAsync())!.Value);
        (await _database.ScalarAsync("select count(*) from batch.card_activity_v1 where revision = -1")).ShouldBe(0L);
    }

    private async Task<long> LeftAsync() => (long)(await _database.ScalarAsync(
        """
        select (select count(*) from pg_tables where schemaname = 'batch' and tablename like 'card\_activity\_v1%')
            + (select count(*) from views.mt_doc_online_entity where tenant_id = 'card_activity@v1')
            + (select count(*) from views.mt_doc_view_checkpoint where id = 'card_activity@v1') + (select count(*) from views.view_partition where view = 'card_activity@v1')
        """))!;
}
