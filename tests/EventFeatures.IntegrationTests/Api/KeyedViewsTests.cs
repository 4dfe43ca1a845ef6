using System.Globalization;
using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Testing.Specs;
using EventFeatures.Testing.Systems;
using Google.Protobuf;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>Several contracts, lists of keys, composite keys, and predictions as sources, through the whole system.</summary>
public sealed class KeyedViewsTests : IAsyncLifetime
{
    private RunningSystem _system = null!;

    public async Task InitializeAsync()
    {
        _system = await RunningSystem.StartAsync();
        var definitions = await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Path, "tests", "EventFeatures.IntegrationTests", "Api", "keyed-views.yaml"));
        await _system.Registry.ApplyAsync(new ApplyRequest { Files = { new DefinitionFile { Path = "keyed-views.yaml", Content = definitions } }, Actor = "tests", Reason = "to be tested" });
    }

    public async Task DisposeAsync() => await _system.DisposeAsync();

    [Fact]
    public async Task Predictions_over_keyed_views_are_trained_made_fed_back_and_reproduced()
    {
        var token = await AppendHistoryAsync();
        var trained = await TrainAsync();
        (trained.TrainingSet.Leaks, trained.TrainingSet.Mismatches, trained.TrainingSet.Rows).ShouldBe((0, 0, 40));
        Columns(trained.TrainingSet).Take(3).ShouldBe(["customer", "product", "time"]);
        await _system.Registry.PromoteModelAsync(new PromoteModelRequest { Model = "returns", Version = trained.Version.Version, Actor = "risk", Reason = "it is the first" });

        for (var i = 0; i < 12; i++)
        {
            var made = await _system.Inference.PredictAsync(Ask($"p-{i}", $"c{i % 3}", i % 2 == 0 ? "tea" : "cup", token));
            made.Route.ShouldBe("champion");
            made.Features.Single(feature => feature.Name == "decisions__made").Value.Integer.ShouldBe(i / 3);
            token = made.Position;
            if (i % 4 == 0) token = (await _system.Inference.RecordOutcomeAsync(new RecordOutcomeRequest { PredictionId = $"p-{i}", Label = 1, OccurredAt = "2026-01-02T11:30:00Z" })).Position;
        }

        (await ReplayAsync(new ReplayRequest()))[^1].Summary.ShouldBe(new ReplaySummary { Total = 12, Reproduced = 12 });
        var lineage = await _system.Audit.LineageAsync(new LineageRequest { PredictionId = "p-11" });
        var bad = lineage.Features.Single(feature => feature.Name == "decisions__bad");
        bad.Events.Select(used => used.Stream).ShouldBe(["prediction-p-8"]);
        bad.Contract.ShouldBe("eventfeatures.prediction/1+eventfeatures.outcome/1");
        lineage.Features.Single(feature => feature.Name == "purchases__moved").Events.Select(used => used.Stream).Distinct().Count().ShouldBeGreaterThan(1);

        await _system.RestartAsync();
        (await ReplayAsync(new ReplayRequest { PredictionIds = { "p-0", "p-11" } }))[^1].Summary.ShouldBe(new ReplaySummary { Total = 2, Reproduced = 2 });
        (await _system.Inference.PredictAsync(Ask("p-12", "c0", "tea", token))).Features.Single(feature => feature.Name == "decisions__made").Value.Integer.ShouldBe(4);
    }

    [Fact]
    public async Task A_composite_key_is_given_part_by_part_over_grpc_http_and_the_command_line()
    {
        var token = await AppendHistoryAsync();
        var features = await _system.Features.GetFeaturesAsync(new GetFeaturesRequest
        {
            Features = { "purchases__events_24h", "products__returns" },
            Entities = { ["customer"] = "c1", ["product"] = "tea" },
            AsOf = "2026-01-02T12:00:00Z",
            MinPosition = token,
        });
        features.Views.Select(view => view.EntityKey).ShouldBe(["c1\u001ftea", "tea"]);
        features.Features[0].Status.ShouldBe(FeatureStatus.Present);

        var run = await CommandRun.Of(
            "features", "get", "--feature", "purchases__events_24h", "--entity", "customer=c1", "--entity", "product=tea",
            "--as-of", "2026-01-02T12:00:00Z", "--server", _system.Host.ApiAddress, "--json");
        run.ExitCode.ShouldBe(0, run.ToString());
        JsonElement.Parse(run.Output).GetProperty("features")[0].GetProperty("value").GetProperty("integer").GetString().ShouldBe(features.Features[0].Value.Integer.ToString(CultureInfo.InvariantCulture));

        var half = await CommandRun.Of("features", "get", "--feature", "purchases__events_24h", "--entity", "customer=c1", "--server", _system.Host.ApiAddress);
        half.ExitCode.ShouldBe(2, half.ToString());
        half.Errors.ShouldContain("The key of entity 'purchase' is missing, which purchases@v1 needs. Give customer and product.");

        var status = (await _system.Features.GetStatusAsync(new GetStatusRequest())).Views.ToDictionary(view => view.View);
        (status["purchases@v1"].Unkeyed, status["products@v1"].Unkeyed, status["decisions@v1"].Unkeyed).ShouldBe((5, 5, 0));
    }

    /// <summary>Forty orders of three customers in streams of their own, each of one to three products, and some returns.</summary>
    private async Task<ulong> AppendHistoryAsync()
    {
        ulong token = 0;
        string[][] baskets = [["tea"], ["tea", "cup"], ["cup", "mug", "tea"], ["tea", "tea"], [], ["cup"], ["mug"], ["tea", "mug"]];
        for (var i = 0; i < 40; i++)
        {
            var at = $"2026-01-02T{i % 10:00}:{i:00}:00Z";
            token = await AppendAsync($"order-{i}", "OrderPlaced", at, $$"""{"customer":"c{{i % 3}}","products":[{{string.Join(',', baskets[i % 8].Select(product => $"\"{product}\""))}}],"amount":{{10 + i}}.5}""");
            if (i % 5 == 0) token = await AppendAsync($"return-{i}", "ProductReturned", at, $$"""{"buyer":"c{{i % 3}}","product":"tea","refund":{{i}}}""");
        }
        return token;
    }

    private async Task<ulong> AppendAsync(string stream, string type, string at, string data) =>
        (await _system.Events.AppendAsync(new AppendRequest
        {
            Stream = stream,
            Events = { new Event { EventId = Guid.NewGuid().ToString(), Type = type, Data = ByteString.CopyFromUtf8(data), OccurredAt = at, RecordedAt = at } },
        })).Position;

    private async Task<TrainModelResponse> TrainAsync()
    {
        var request = new TrainModelRequest { Model = "returns", Actor = "tests" };
        for (var i = 0; i < 40; i++)
            request.Spine.Add(new SpineRow
            {
                Entities = { ["customer"] = $"c{i % 4}", ["product"] = i % 2 == 0 ? "tea" : "cup" },
                Time = $"2026-01-02T{i % 12:00}:30:00Z",
                Label = i % 2 == 0 ? 1 : 0,
            });
        return await _system.Registry.TrainModelAsync(request);
    }

    private static PredictRequest Ask(string id, string customer, string product, ulong token) => new()
    {
        PredictionId = id,
        Model = "returns",
        Entities = { ["customer"] = customer, ["product"] = product },
        AsOf = "2026-01-02T12:00:00Z",
        MinPosition = token,
    };

    private static IEnumerable<string> Columns(TrainingSet set) =>
        JsonElement.Parse(set.ManifestJson).GetProperty("columns").EnumerateArray().Select(column => column.GetProperty("name").GetString()!);

    private async Task<List<ReplayResponse>> ReplayAsync(ReplayRequest request)
    {
        using var call = _system.Audit.Replay(request);
        List<ReplayResponse> all = [];
        while (await call.ResponseStream.MoveNext(CancellationToken.None)) all.Add(call.ResponseStream.Current);
        return all;
    }
}
