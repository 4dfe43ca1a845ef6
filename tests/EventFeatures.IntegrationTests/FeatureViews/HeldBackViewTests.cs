using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.FeatureViews;

/// <summary>A view that does not come level beside one that is.</summary>
public sealed class HeldBackViewTests : IAsyncLifetime
{
    private readonly InMemoryLog _log = new();
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Who_waits_for_the_other_does_not_wait_for_it()
    {
        await using var host = await Projections.StartAsync(_database, new SilentLog(_log) { Withholds = "till-" }, null, Payments.View(), Baskets.View());
        await _log.AppendToStreamAsync("till-1", StreamState.NoStream, [Baskets.Order(["tea"], "FR", 5, Payments.Noon)]);
        var paid = Payments.Payment(1, Payments.Noon);
        var head = (await _log.AppendToStreamAsync("card-1", StreamState.NoStream, [paid])).Position;

        await host.Batch.CaughtUpAsync([Payments.CardActivity], head, Projections.Deadline);
        (await host.Batch.FindEventAsync(Payments.CardActivity, paid.EventId)).ShouldHaveSingleItem().Position.ShouldBe(head);

        var briefly = TimeSpan.FromMilliseconds(200);
        await Should.ThrowAsync<ViewUnavailableException>(() => host.Batch.CaughtUpAsync([Baskets.Reference], head, briefly));
        await Should.ThrowAsync<ViewUnavailableException>(() => host.Batch.CaughtUpAsync(head, briefly));
        await Should.ThrowAsync<ViewUnavailableException>(() => host.Batch.CaughtUpAsync([new ViewReference("unheard_of", 1)], head, briefly));
    }
}
