using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.FeatureViews;

/// <summary>Work that one of several workers does at a time.</summary>
public sealed class SharedWorkTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    private readonly InMemoryLog _log = new();
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task One_worker_has_it_until_it_leaves_or_its_time_is_over_and_the_next_goes_on()
    {
        await using var first = await Projections.StartAsync(_database, _log);
        await using var second = await Projections.StartAsync(_database, _log);
        (await first.SharedWork.ReadAsync("compare")).ShouldBeNull();
        (await first.SharedWork.TryTakeAsync("compare", Long)).ShouldBe("");
        (await second.SharedWork.TryTakeAsync("compare", Long)).ShouldBeNull("the first has it");
        (await second.SharedWork.TryTakeAsync("other", Long)).ShouldBe("", "that is another work");
        (await second.SharedWork.KeepAsync("compare", "never", Long)).ShouldBeFalse();
        (await first.SharedWork.KeepAsync("compare", "7", Long)).ShouldBeTrue();

        await first.SharedWork.LeaveAsync("compare");
        (await second.SharedWork.TryTakeAsync("compare", Long)).ShouldBe("7");

        // As when the second gives no sign of life for so long.
        await _database.ScalarAsync("update views.shared_work set expires_at = clock_timestamp() - interval '1 second' where work = 'compare'");
        (await second.SharedWork.ReadAsync("compare"))!.Worker.ShouldBeNull();
        (await first.SharedWork.TryTakeAsync("compare", Long)).ShouldBe("7");
        (await second.SharedWork.KeepAsync("compare", "8", Long)).ShouldBeFalse("it woke up too late");
        (await first.SharedWork.ReadAsync("compare"))!.State.ShouldBe("7");
    }

    [Fact]
    public async Task A_worker_that_was_killed_and_started_again_does_not_wait_for_itself()
    {
        var named = Projections.Quick with { WorkerName = "one" };
        await using (var killed = await Projections.StartAsync(_database, _log, named)) await killed.SharedWork.TryTakeAsync("compare", Long);
        await using var started = await Projections.StartAsync(_database, _log, named);
        (await started.SharedWork.TryTakeAsync("compare", Long)).ShouldBe("");
    }

    [Fact]
    public async Task The_entities_of_a_view_come_page_by_page_each_once()
    {
        await PaymentTraffic.AppendAsync(_log, 1, 400, 60);
        await using var host = await (await Projections.StartAsync(_database, _log)).CaughtUpAsync(_log);
        var all = new List<string>();
        await foreach (var entity in host.Batch.ReadEntitiesAsync(Payments.CardActivity, null, (await _log.ReadHeadAsync())!.Value)) all.Add(entity.EntityKey);

        var paged = new List<string>();
        IReadOnlyList<string> page;
        do paged.AddRange(page = await host.Batch.ReadKeysAsync(Payments.CardActivity, paged.LastOrDefault(), 7));
        while (page.Count == 7);

        all.Count.ShouldBeGreaterThan(20);
        paged.ShouldBe(all);
    }
}
