using EventFeatures.Application.FeatureServices;
using EventFeatures.Application.TrainingSets;
using EventFeatures.Core.TrainingSets;
using EventFeatures.UnitTests.Definitions;
using EventFeatures.UnitTests.Predictions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureServices;

/// <summary>A service may hold lists, maps and texts; only a model's may not.</summary>
public sealed class ListsInServicesTests
{
    private static readonly string[] Definitions =
    [
        Yaml.Contract, Yaml.Entity,
        Yaml.View.With("aggregate: count, window: 1h", "aggregate: last_k, of: amount, k: 2").With("aggregate: mean, of: amount", "aggregate: histogram, of: country"),
        """
        apiVersion: eventfeatures/v1
        kind: FeatureService
        name: lists
        version: 1
        features:
          - { feature: card_activity__count_1h, name: amounts }
          - { feature: card_activity__mean_7d, name: by_country }
          - { name: newest, expression: "element(amounts, -1) * by_country.FR" }
        """,
    ];

    [Fact]
    public async Task A_service_of_lists_and_maps_can_be_read()
    {
        await using var bench = await PredictionBench.StartAsync(Definitions);
        await bench.PayAsync("1", 10.50m, -30);
        await bench.PayAsync("1", 4.25m, -20);
        var answer = await bench.SendAsync(new GetFeatures(new Dictionary<string, string> { ["card"] = "1" }) { Service = "lists", AsOf = PredictionBench.Noon });
        answer.Features.Select(feature => feature.Value.ToString()).ShouldBe(["[10.5,4.25]", "{\"FR\":2}", "8.5"]);
    }

    [Fact]
    public async Task Training_rows_may_hold_them_too()
    {
        await using var bench = await PredictionBench.StartAsync(Definitions);
        await bench.PayAsync("1", 10.50m, -30);
        var path = Path.GetTempFileName();
        try
        {
            await bench.SendAsync(new BuildTrainingSet("lists", path) { Spine = [new SpineRow(new Dictionary<string, string> { ["card"] = "1" }, PredictionBench.Noon)] });
        }
        finally
        {
            File.Delete(path);
            File.Delete(path + ".manifest.json");
        }
        bench.Files.Column("amounts").ShouldBe(["[10.5]"]);
        bench.Files.Column("by_country").ShouldBe(["{\"FR\":1}"]);
    }
}
