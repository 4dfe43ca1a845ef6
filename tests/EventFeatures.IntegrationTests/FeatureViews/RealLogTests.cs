using EventFeatures.Core.Events;
using EventFeatures.Core.Values;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Testing.Databases;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.FeatureViews;

/// <summary>The projections over the embedded node and its protocol, with log and views in one database as in production.</summary>
public sealed class RealLogTests : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private TestDatabase _other = null!;
    private EmbeddedNode _node = null!;
    private EventStoreLog _log = null!;

    public async Task InitializeAsync()
    {
        (_database, _other) = (await TestDatabase.CreateAsync(), await TestDatabase.CreateAsync());
        _node = await EmbeddedNode.StartAsync(new EmbeddedNodeOptions { Postgres = _database.ConnectionString });
        _log = EventStoreLog.Connect(_node.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        await _log.DisposeAsync();
        await _node.DisposeAsync();
        await _database.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task Tokens_of_any_stream_are_honoured_at_once()
    {
        await using var host = await (await Projections.StartAsync(_database, _log)).CaughtUpAsync(_log);
        for (var i = 1; i <= 30; i++)
        {
            var own = (await _log.AppendToStreamAsync("card-1", StreamState.Any, [Payments.Payment(i, Payments.Noon)])).Position;
            var reading = await host.ReadAsync("1", Payments.Noon, own);
            (reading.KnownAt, reading.Values[0].Value).ShouldBe((own, Value.Of(i)));
            var other = (await _log.AppendToStreamAsync("prediction-" + i, StreamState.NoStream, [new EventData(Guid.NewGuid(), "PredictionMade", "{}"u8.ToArray())])).Position;
            (await host.ReadAsync("1", Payments.Noon, other)).KnownAt.ShouldBeGreaterThanOrEqualTo(other);
        }
    }

    [Fact]
    public async Task An_interrupted_projection_of_the_node_has_the_digest_of_one_that_was_not()
    {
        const int Seed = 11;
        await PaymentTraffic.AppendAsync(_log, Seed, 600, cards: 10);
        var head = (await _log.ReadHeadAsync())!.Value;
        var random = new Random(Seed);
        for (var i = 0; i < 5; i++)
        {
            await using var interrupted = await Projections.StartAsync(_database, _log, RestartTests.Cramped);
            await interrupted.Batch.CaughtUpAsync(new Position((ulong)random.NextInt64((long)head.Value) + 1), Projections.Deadline);
        }
        await using var resumed = await (await Projections.StartAsync(_database, _log, RestartTests.Cramped)).CaughtUpAsync(_log);
        await using var whole = await (await Projections.StartAsync(_other, _log)).CaughtUpAsync(_log);
        (await resumed.Batch.DigestAsync(Payments.CardActivity)).ShouldBe(await whole.Batch.DigestAsync(Payments.CardActivity), $"seed {Seed}");
    }
}
