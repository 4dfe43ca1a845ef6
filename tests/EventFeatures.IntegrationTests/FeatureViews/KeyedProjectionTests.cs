using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Events;
using EventFeatures.Views.FeatureViews;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.FeatureViews;

/// <summary>Views whose entities are not streams: several contracts, payload keys, lists of keys.</summary>
public sealed class KeyedProjectionTests : IAsyncLifetime
{
    // Small bounds, so that a short log meets every border: streams and entities that leave memory, forgotten ids.
    private static readonly ViewsOptions Cramped = RestartTests.Cramped with { HotStreamsMax = 3 };

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
        await Baskets.AppendAsync(_log, seed, Events, tills: 8);
        var random = new Random(seed);
        var stops = Enumerable.Range(0, 5).Select(_ => (ulong)random.Next(1, Events)).Order().ToList();
        foreach (var stop in stops)
        {
            // Disposed of without a commit, as a killed process would be.
            await using var interrupted = await Projections.StartAsync(_disturbed, _log, Cramped, Baskets.View());
            await interrupted.Batch.CaughtUpAsync(new Position(stop), Projections.Deadline);
        }
        await using var resumed = await (await Projections.StartAsync(_disturbed, _log, Cramped, Baskets.View())).CaughtUpAsync(_log);
        await using var whole = await (await Projections.StartAsync(_undisturbed, _log, null, Baskets.View())).CaughtUpAsync(_log);

        (await resumed.Batch.DigestAsync(Baskets.Reference)).ShouldBe(await whole.Batch.DigestAsync(Baskets.Reference), $"seed {seed}, stopped at {string.Join(", ", stops)}");
        var (left, right) = (resumed.Status().Single(), whole.Status().Single());
        (left.Entities, left.Events, left.Quarantined, left.Unkeyed).ShouldBe((right.Entities, right.Events, right.Quarantined, right.Unkeyed));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Online_values_batch_rows_and_counts_are_those_of_the_log_itself_bit_for_bit(int seed)
    {
        await Baskets.AppendAsync(_log, seed, 2_500, tills: 4);
        await using var host = await (await Projections.StartAsync(_disturbed, _log, Cramped, Baskets.View())).CaughtUpAsync(_log);
        var head = (await _log.ReadHeadAsync())!.Value;
        var admitted = Baskets.View().Admit(_log.Events);
        var expected = admitted.Rows.GroupBy(row => row.EntityKey).OrderBy(entity => entity.Key, StringComparer.Ordinal).ToDictionary(entity => entity.Key, entity => entity.ToList());
        var stored = new Dictionary<string, IReadOnlyList<FeatureRow>>();
        await foreach (var entity in host.Batch.ReadEntitiesAsync(Baskets.Reference, null, head)) stored.Add(entity.EntityKey, entity.Rows);

        stored.Keys.ShouldBe(expected.Keys);
        var random = new Random(seed);
        foreach (var (key, rows) in expected)
        {
            stored[key].Select(Describe).ShouldBe(rows.Select(Describe));
            for (var i = 0; i < 20; i++)
            {
                var asOf = rows[random.Next(rows.Count)].OccurredAt + new Duration(random.NextInt64(-10_000_000, 10_000_000_000));
                (await host.ReadAsync(Baskets.Reference, key, asOf)).Values.ShouldBe(Baskets.View().Evaluate(rows, asOf), $"seed {seed}, {key}, as of {asOf}");
            }
        }
        var status = host.Status().Single();
        status.Events.ShouldBe(admitted.Rows.Select(row => row.Position).Distinct().Count());
        status.Unkeyed.ShouldBe(admitted.Unkeyed.Count);
        status.Quarantined.ShouldBe(admitted.Refused.Count(refused => refused.Code != "duplicate"));
        admitted.Refused.Select(refused => refused.Code).Distinct().ShouldBe(["duplicate", "late", "type-mismatch", "entity-key-invalid"], ignoreOrder: true);
    }

    [Fact]
    public async Task Each_refused_event_is_in_the_quarantine_of_its_own_contract()
    {
        await Baskets.AppendAsync(_log, 6, 600, tills: 4);
        var before = _log.Events;
        await using var host = await (await Projections.StartAsync(_disturbed, _log, Cramped, Baskets.View())).CaughtUpAsync(_log);
        await host.Batch.DigestAsync(Baskets.Reference);
        var refused = Baskets.View().Admit(before).Refused.Where(one => one.Code != "duplicate").CountBy(one => one.Event.Type);
        refused.OrderBy(one => one.Key).ShouldBe(
        [
            KeyValuePair.Create("Ordered", _log.Events.Count(one => one.StreamId == "quarantine-orders")),
            KeyValuePair.Create("Returned", _log.Events.Count(one => one.StreamId == "quarantine-returns")),
        ]);
    }

    [Fact]
    public async Task An_event_of_two_entities_counts_for_both_and_its_lineage_names_both()
    {
        await using var host = await Projections.StartAsync(_disturbed, _log, null, Baskets.View());
        var id = Guid.NewGuid();
        var position = (await _log.AppendToStreamAsync("till-1", StreamState.Any, [Baskets.Order(["tea", "cup", "tea"], "FR", 5, Payments.Noon, id)])).Position;
        foreach (var key in (string[])["tea\u001fFR", "cup\u001fFR"])
        {
            var reading = await host.ReadAsync(Baskets.Reference, key, Payments.Noon, position);
            (reading.KnownAt, reading.Values[0].Value).ShouldBe((position, Value.Of(1L)));
        }
        (await host.Batch.FindEventAsync(Baskets.Reference, id)).Select(use => (use.EntityKey, use.Position)).ShouldBe([("cup\u001fFR", position), ("tea\u001fFR", position)]);
    }

    [Fact]
    public async Task A_rebuild_has_the_same_digest_and_counts()
    {
        await Baskets.AppendAsync(_log, 7, 800, tills: 4);
        await using var host = await (await Projections.StartAsync(_disturbed, _log, Cramped, Baskets.View())).CaughtUpAsync(_log);
        var (digest, before) = (await host.Batch.DigestAsync(Baskets.Reference), await LiveAsync(host));
        await host.Batch.RebuildAsync(Baskets.Reference);
        await host.CaughtUpAsync(_log);
        (await host.Batch.DigestAsync(Baskets.Reference)).ShouldBe(digest);
        var after = await LiveAsync(host);
        (after with { Lag = default, Gap = 0 }).ShouldBe(before with { Checkpoint = after.Checkpoint, Lag = default, Gap = 0 });
    }

    // A view has the last event a moment before the log tells it that history ends there.
    private static async Task<ViewStatus> LiveAsync(ProjectionHost host)
    {
        var status = host.Status().Single();
        await Projections.EventuallyAsync(() => (status = host.Status().Single()).State == "live", () => status.ToString());
        return status;
    }

    private static string Describe(FeatureRow row) =>
        $"{row.EntityKey} {row.OccurredAt} {row.RecordedAt} {row.Position} {row.StreamId} {row.Revision} {row.EventId} {row.EventType} {string.Join(' ', row.Columns)}";
}
