using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Server;
using EventFeatures.Testing.Specs;
using EventFeatures.Testing.Systems;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using Xunit.Abstractions;
using FeaturesClient = EventFeatures.Api.V1.Features.FeaturesClient;
using InferenceClient = EventFeatures.Api.V1.Inference.InferenceClient;

namespace EventFeatures.IntegrationTests.Faults;

/// <summary>The server killed at random moments of a load, again and again, on its own private database.</summary>
public sealed class KilledServerTests(ITestOutputHelper output)
{
    private const int KillCount = 5;
    private static readonly TimeSpan LoadDeadline = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan CatchUpDeadline = TimeSpan.FromSeconds(60);
    private static readonly ViewReference View = new("card_activity", 1);

    [Fact]
    public async Task Whatever_was_acknowledged_survives_kill_9_and_every_value_equals_an_undisturbed_runs()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("EVENTFEATURES_TEST_SEED"), out var named) ? named : Environment.TickCount & 0xFFFFFF;
        output.WriteLine($"seed {seed}; repeat with EVENTFEATURES_TEST_SEED={seed}");
        var plan = new PaymentPlan(seed);
        await using var server = new ServerProcess();

        var load = await RunKilledAsync(server, plan, new Random(seed));
        await server.StopAsync();
        await server.AllGoneAsync();

        var undisturbed = await UndisturbedAsync(plan);
        await using var host = await EventFeaturesHost.StartAsync(new HostOptions { Home = server.Home });
        using var channel = GrpcChannel.ForAddress(host.ApiAddress);
        await NoEventIsMissingAsync(host.Services.GetRequiredService<IEventLog>(), plan, load);
        await NoPredictionIsMissingAsync(channel, host.Services.GetRequiredService<IEventLog>(), plan, load);
        (await ValuesAsync(channel, plan)).ShouldBe(undisturbed, $"seed {seed}");
        await RebuildGivesTheSameDigestAsync(host.Services.GetRequiredService<IBatchViews>(), host.Services.GetRequiredService<IEventLog>());
    }

    private async Task<PaymentLoad> RunKilledAsync(ServerProcess server, PaymentPlan plan, Random random)
    {
        await server.StartAsync();
        await DeclareAsync(server.Api);
        var load = new PaymentLoad(plan, () => server.Api, LoadDeadline);
        var running = load.RunAsync();
        for (var kill = 0; kill < KillCount; kill++)
        {
            var target = load.Answered + random.Next(plan.RequestCount / (2 * (KillCount + 2)));
            await Eventually.TrueAsync(() => Task.FromResult(load.Answered >= target || running.IsCompleted), LoadDeadline, () => $"{load.Answered} of {target} answered.");
            running.IsCompleted.ShouldBeFalse("The load ended before the last kill.");
            var withDatabase = kill % 2 == 1;
            await server.KillAsync(withDatabase);
            output.WriteLine($"killed{(withDatabase ? " with its database" : "")} after {load.Answered} of {plan.RequestCount} answers, {load.Retried} retries");
            await server.StartAsync();
        }
        await running;
        output.WriteLine($"{load.Acknowledged.Count} events and {load.Predicted.Count} predictions acknowledged, {load.Retried} retries");
        return load;
    }

    private static async Task DeclareAsync(string api)
    {
        using var channel = GrpcChannel.ForAddress(api);
        await DeclareAsync(new Registry.RegistryClient(channel));
    }

    private static async Task DeclareAsync(Registry.RegistryClient registry)
    {
        await registry.ApplyAsync(new ApplyRequest
        {
            Files = { new DefinitionFile { Path = "rules.yaml", Content = FraudRules.Yaml(PaymentPlan.Model) } }, Reason = "fault test", Actor = "tests",
        });
        await registry.RegisterModelAsync(new RegisterModelRequest
        {
            Model = PaymentPlan.Model, Onnx = Google.Protobuf.ByteString.CopyFrom(FraudRules.Model(1)), Actor = "tests",
        });
        await registry.PromoteModelAsync(new PromoteModelRequest { Model = PaymentPlan.Model, Version = 1, Reason = "fault test", Actor = "tests" });
    }

    private static async Task NoEventIsMissingAsync(IEventLog log, PaymentPlan plan, PaymentLoad load)
    {
        foreach (var card in plan.Cards)
        {
            List<RecordedEvent> recorded = [];
            await foreach (var one in log.ReadStreamAsync(card.Stream)) recorded.Add(one);

            recorded.Select(one => one.EventId.ToString()).ShouldBe(card.EventIds);
            foreach (var one in recorded) load.Acknowledged[one.EventId.ToString()].Revision.ShouldBe(one.Revision);
        }
    }

    private static async Task NoPredictionIsMissingAsync(GrpcChannel channel, IEventLog log, PaymentPlan plan, PaymentLoad load)
    {
        var inference = new InferenceClient(channel);
        foreach (var id in plan.Cards.SelectMany(card => card.PredictionIds))
        {
            var (answered, kept) = (load.Predicted[id], (await inference.GetPredictionAsync(new GetPredictionRequest { PredictionId = id })).Prediction);
            (kept.Position, BitConverter.DoubleToInt64Bits(kept.Score), kept.Decision, kept.Route)
                .ShouldBe((answered.Position, BitConverter.DoubleToInt64Bits(answered.Score), answered.Decision, answered.Route));
            List<string> types = [];
            await foreach (var recorded in log.ReadStreamAsync($"prediction-{id}")) types.Add(recorded.Type);
            types.ShouldBe(["PredictionMade"]);
        }
        using var replay = new Audit.AuditClient(channel).Replay(new ReplayRequest());
        var answers = await replay.ResponseStream.ReadAllAsync().ToListAsync();
        answers[^1].Summary.ShouldBe(new ReplaySummary { Total = load.Predicted.Count, Reproduced = load.Predicted.Count }, string.Join('\n', answers.Select(answer => answer.Result?.Detail)));
    }

    /// <summary>The same requests, sent once to a server that nobody disturbs.</summary>
    private static async Task<IReadOnlyList<string>> UndisturbedAsync(PaymentPlan plan)
    {
        await using var system = await RunningSystem.StartAsync();
        await DeclareAsync(system.Registry);
        var load = new PaymentLoad(plan, () => system.Host.ApiAddress, LoadDeadline);
        await load.RunAsync();
        return await ValuesAsync(system.Channel, plan);
    }

    private static async Task<IReadOnlyList<string>> ValuesAsync(GrpcChannel channel, PaymentPlan plan)
    {
        var features = new FeaturesClient(channel);
        var head = (await features.GetStatusAsync(new GetStatusRequest())).Head;
        List<string> values = [];
        foreach (var card in plan.Cards)
        {
            var read = await features.GetFeaturesAsync(new GetFeaturesRequest
            {
                Features = { FraudRules.ViewFeatures }, Entities = { ["card"] = card.Key }, AsOf = PaymentPlan.AsOf.ToString(), MinPosition = head,
            });
            values.AddRange(read.Features.Select(feature => string.Create(CultureInfo.InvariantCulture, $"{card.Key} {feature.Name} {feature.Status} {feature.Value} {feature.OccurredAt}")));
        }
        return values;
    }

    private static async Task RebuildGivesTheSameDigestAsync(IBatchViews views, IEventLog log)
    {
        var head = (await log.ReadHeadAsync())!.Value;
        await views.CaughtUpAsync(head, CatchUpDeadline);
        var survived = await views.DigestAsync(View);
        await views.RebuildAsync(View);
        await views.CaughtUpAsync(head, CatchUpDeadline);
        (await views.DigestAsync(View)).ShouldBe(survived);
    }
}
