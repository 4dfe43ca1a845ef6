using EventFeatures.Api.V1;
using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Testing.Systems;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>Predictions whose log was copied elsewhere, once and again: their positions and times are of a log that is gone.</summary>
public sealed class MovedPredictionTests : IAsyncLifetime
{
    private const int Cards = 12;

    // Refunds have no event time of their own, so that the time at which the first log recorded them counts.
    private const string Refunds = """
        ---
        apiVersion: eventfeatures/v1
        kind: FeatureView
        name: refunds
        version: 1
        owner: fraud-features@example.com
        description: Refunds of one card.
        entity: card
        source: { contract: payments.refund/1 }
        features:
          - { name: count_1h, aggregate: count, window: 1h }
          - { name: last_amount, aggregate: last, of: amount }
        """;

    private readonly Moves _moves = new();
    private RunningSystem _first = null!;

    public async Task InitializeAsync()
    {
        _first = await _moves.StartAsync();
        var definitions = PaymentsSystem.Definitions + "\n" + Refunds;
        definitions = definitions.Replace(
            "  - { feature: card_activity__count_1h, missing: { default: 0 } }\n", "  - { feature: card_activity__count_1h, missing: { default: 0 } }\n  - { feature: refunds__count_1h, missing: { default: 0 } }\n", StringComparison.Ordinal);
        await _first.Registry.ApplyAsync(new ApplyRequest { Files = { new DefinitionFile { Path = "payments.yaml", Content = definitions } }, Actor = "tests", Reason = "to be tested" });
    }

    public async Task DisposeAsync() => await _moves.DisposeAsync();

    [Fact]
    public async Task Every_prediction_is_reproduced_bit_for_bit_after_a_move_and_after_another()
    {
        await TrainAsync();
        await PredictAsync(_first, "first", Cards);
        await ReproducesAsync(_first, Cards);

        var second = await _moves.MoveAsync(_first);
        await ReproducesAsync(second, Cards);
        await PredictAsync(second, "second", Cards);
        await ReproducesAsync(second, 2 * Cards);

        var third = await _moves.MoveAsync(second);
        await ReproducesAsync(third, 2 * Cards);
        await PredictAsync(third, "third", 3);
        await ReproducesAsync(third, (2 * Cards) + 3);
        await KnowsPositionsAsync(second, third);
        await KeepsTimesAsync(third);
    }

    // The positions of the log that was copied last lead to the same events.
    private static async Task KnowsPositionsAsync(RunningSystem from, RunningSystem to)
    {
        await using var there = EventStoreLog.Connect(from.Host.LogConnectionString);
        await using var here = EventStoreLog.Connect(to.Host.LogConnectionString);
        await foreach (var recorded in there.ReadStreamAsync("card-p3"))
        {
            var position = (await to.Maintenance.TranslatePositionAsync(new TranslatePositionRequest { Position = recorded.Position.Value })).Position;
            (await here.ReadAllAsync(ReadDirection.Forwards, new Position(position), countMax: 1).SingleAsync()).EventId.ShouldBe(recorded.EventId);
        }
    }

    private async Task KeepsTimesAsync(RunningSystem moved)
    {
        var (before, after) = (await _first.Log.ReadStreamAsync("refund-p3").ToListAsync(), await moved.Log.ReadStreamAsync("refund-p3").ToListAsync());
        after.Take(before.Count).Select(each => (each.EventId, each.Created)).ShouldBe(before.Select(each => (each.EventId, each.Created)));
    }

    private static async Task ReproducesAsync(RunningSystem system, int predictions)
    {
        using var call = system.Audit.Replay(new ReplayRequest());
        List<ReplayResponse> all = [];
        await foreach (var answer in call.ResponseStream.ReadAllAsync()) all.Add(answer);
        all[^1].Summary.ShouldBe(new ReplaySummary { Total = predictions, Reproduced = predictions }, string.Join('\n', all.Select(answer => answer.Result?.ToString())));
    }

    // Between two predictions of a card more events come in, so that each knows another part of its history.
    private static async Task PredictAsync(RunningSystem system, string series, int count)
    {
        await using var log = EventStoreLog.Connect(system.Host.LogConnectionString);
        for (var number = 0; number < count; number++)
        {
            var card = $"p{number % 5}";
            await log.AppendToStreamAsync($"refund-{card}", StreamState.Any, [new EventData(Guid.NewGuid(), "Refunded", """{"amount": 3}"""u8.ToArray())]);
            var appended = await system.Events.AppendAsync(PaymentsSystem.Payments(card, PaymentsSystem.Payment("12.5", TimeProvider.System.GetUtcNow().AddMinutes(-1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture))));
            var made = await system.Inference.PredictAsync(new PredictRequest
            {
                PredictionId = $"{series}-{number}", Model = "fraud", Entities = { ["card"] = card }, Context = { ["amount"] = new Value { Number = number } }, MinPosition = appended.Position,
            });
            made.Route.ShouldBe("champion");
            made.Features.Single(feature => feature.Name == "refunds__count_1h").Value.Integer.ShouldBePositive();
        }
    }

    private async Task TrainAsync()
    {
        var request = new TrainModelRequest { Model = "fraud", Actor = "tests", Knowledge = Knowledge.Latest };
        for (var card = 0; card < 40; card++)
        {
            await _first.Events.AppendAsync(PaymentsSystem.Payments($"h{card}", PaymentsSystem.Payment(card % 2 == 0 ? "100" : "10", "2026-01-01T10:00:00Z")));
            request.Spine.Add(new SpineRow { Entities = { ["card"] = $"h{card}" }, Time = "2026-01-01T11:00:00Z", Label = (card + 1) % 2, Context = { ["amount"] = new Value { Number = 30 } } });
        }
        var trained = await _first.Registry.TrainModelAsync(request);
        await _first.Registry.PromoteModelAsync(new PromoteModelRequest { Model = "fraud", Version = trained.Version.Version, Actor = "risk", Reason = "first" });
    }
}
