using System.Text.Json;
using EventFeatures.Application.Catalog;
using EventFeatures.Application.Models;
using EventFeatures.Core.Time;
using EventFeatures.UnitTests.Predictions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Catalog;

/// <summary>Every event is checked against what the OpenLineage 2-0-2 specification and the schemas of its facets require.</summary>
public sealed class OpenLineageTests
{
    private static readonly Dictionary<string, string[]> Required = new(StringComparer.Ordinal)
    {
        ["RunEvent"] = ["run", "job"], ["DatasetEvent"] = ["dataset"], ["JobEvent"] = ["job"],
    };

    private static readonly Dictionary<string, string> FacetSchemas = new(StringComparer.Ordinal)
    {
        ["schema"] = "1-1-1/SchemaDatasetFacet", ["columnLineage"] = "1-2-0/ColumnLineageDatasetFacet", ["version"] = "1-0-1/DatasetVersionDatasetFacet",
        ["jobType"] = "2-0-2/JobTypeJobFacet", ["nominalTime"] = "1-0-1/NominalTimeRunFacet",
    };

    private static readonly Dictionary<string, string[]> Subtypes = new(StringComparer.Ordinal)
    {
        ["DIRECT"] = ["IDENTITY", "TRANSFORMATION", "AGGREGATION"], ["INDIRECT"] = ["JOIN", "GROUP_BY", "FILTER", "SORT", "WINDOW", "CONDITIONAL"],
    };

    [Fact]
    public async Task All_that_is_registered_is_told_as_data_sets_and_jobs_in_the_order_in_which_they_rest_on_each_other()
    {
        await using var bench = await Shop.StartAsync();

        var events = Check(await bench.SendAsync(new ExportOpenLineage()));

        events.Select(NameOf).ShouldBe(
        [
            "DatasetEvent eventfeatures.outcome/1", "DatasetEvent eventfeatures.prediction/1", "DatasetEvent shop.order/1", "DatasetEvent shop.return/1",
            "JobEvent project.buying@v1", "JobEvent serve.risk@v1", "JobEvent predict.risk",
        ]);
        var view = events[4].GetProperty("outputs")[0];
        view.GetProperty("facets").GetProperty("schema").GetProperty("fields").EnumerateArray().Select(field => $"{field.GetProperty("name")} {field.GetProperty("type")}")
            .ShouldBe(["customer string", "moved number", "by_channel map<string, integer>", "since_paid integer", "idle number"]);
        OriginsOf(view, "customer").ShouldBe(["shop.order/1 customer DIRECT IDENTITY", "shop.return/1 @stream_key DIRECT IDENTITY"]);
        OriginsOf(view, "moved").ShouldContain("shop.order/1 total DIRECT AGGREGATION, INDIRECT FILTER");
        OriginsOf(events[5].GetProperty("outputs")[0], "double_share").ShouldBe(["risk@v1#context basket DIRECT TRANSFORMATION", "buying@v1 moved DIRECT TRANSFORMATION"]);
        OriginsOf(events[6].GetProperty("outputs")[0], "score").ShouldContain("risk@v1 share DIRECT TRANSFORMATION");
    }

    [Fact]
    public async Task A_column_is_told_with_what_hangs_together_with_it_and_no_more()
    {
        await using var bench = await Shop.StartAsync();
        var events = Check(await bench.SendAsync(new ExportOpenLineage { Subject = new ColumnSubject { Feature = "buying__idle" }, Namespace = "shop" }));
        events.Select(NameOf).ShouldBe(["DatasetEvent shop.order/1", "DatasetEvent shop.return/1", "JobEvent project.buying@v1"]);
        events[0].GetProperty("dataset").GetProperty("namespace").GetString().ShouldBe("shop");
    }

    [Fact]
    public async Task A_prediction_and_the_making_of_a_model_version_are_runs_that_start_and_complete()
    {
        await using var bench = await PredictionBench.StartAsync(champion: [0.5f, -0.01f, 0.2f]);
        await bench.SendAsync(new RegisterModel("fraud") { Onnx = WeightedModels.Model([0.1f, 0.1f, 0.1f]), By = "ada", TrainingSetDigest = new string('a', 64) });
        await bench.PayAsync("a", 10m, -50);
        await bench.PredictAsync("a", "p-1", asOf: PredictionBench.At(-10));

        var events = Check(await bench.SendAsync(new ExportOpenLineage { PredictionId = "p-1" }));

        events.Select(NameOf).ShouldBe(
            ["DatasetEvent payments.authorisation/1", "JobEvent project.card_activity@v1", "JobEvent serve.fraud@v1", "RunEvent START predict.fraud", "RunEvent COMPLETE predict.fraud"]);
        var (start, complete) = (events[3], events[4]);
        start.GetProperty("run").GetProperty("runId").GetGuid().ShouldBe(complete.GetProperty("run").GetProperty("runId").GetGuid());
        complete.GetProperty("run").GetProperty("facets").GetProperty("nominalTime").GetProperty("nominalStartTime").GetString().ShouldBe(PredictionBench.At(-10).ToString());
        complete.GetProperty("inputs").EnumerateArray().Select(input => input.GetProperty("name").GetString()).ShouldBe(["card_activity@v1", "fraud@v1", "fraud/v1"]);
        complete.GetProperty("outputs")[0].GetProperty("name").GetString().ShouldBe("eventfeatures.prediction/1");

        var model = Check(await bench.SendAsync(new ExportOpenLineage { Subject = new ColumnSubject { Model = "fraud" } }));
        model.Select(NameOf).Where(name => name.Contains("train.", StringComparison.Ordinal)).ShouldBe(
            ["RunEvent START train.fraud", "RunEvent COMPLETE train.fraud", "RunEvent START train.fraud", "RunEvent COMPLETE train.fraud"]);
        var trained = model.Last(one => NameOf(one) == "RunEvent COMPLETE train.fraud");
        trained.GetProperty("inputs")[0].GetProperty("name").GetString().ShouldBe($"training_set/{new string('a', 64)}");
        trained.GetProperty("outputs")[0].GetProperty("name").GetString().ShouldBe("fraud/v2");
    }

    private static List<JsonElement> Check(IReadOnlyList<string> lines)
    {
        var events = lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        lines.ShouldAllBe(line => !line.Contains('\n'));
        foreach (var one in events)
        {
            Instant.TryParse(one.GetProperty("eventTime").GetString(), out _).ShouldBeTrue();
            IsUri(one.GetProperty("producer"));
            IsUri(one.GetProperty("schemaURL"));
            one.GetProperty("schemaURL").GetString().ShouldBe($"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/{TypeOf(one)}");
            foreach (var name in Required[TypeOf(one)]) one.TryGetProperty(name, out _).ShouldBeTrue($"{TypeOf(one)} needs {name}");
            if (one.TryGetProperty("run", out var run))
            {
                one.GetProperty("eventType").GetString().ShouldBeOneOf("START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER");
                run.GetProperty("runId").TryGetGuid(out _).ShouldBeTrue();
                CheckFacets(run);
            }
            if (one.TryGetProperty("job", out var job)) CheckNamed(job);
            if (one.TryGetProperty("dataset", out var dataset)) CheckDataset(dataset);
            foreach (var side in (string[])["inputs", "outputs"])
                if (one.TryGetProperty(side, out var datasets)) datasets.EnumerateArray().ToList().ForEach(CheckDataset);
        }
        return events;
    }

    private static void CheckNamed(JsonElement named)
    {
        named.GetProperty("namespace").GetString().ShouldNotBeNullOrEmpty();
        named.GetProperty("name").GetString().ShouldNotBeNullOrEmpty();
        CheckFacets(named);
    }

    private static void CheckDataset(JsonElement dataset)
    {
        CheckNamed(dataset);
        var facets = dataset.GetProperty("facets");
        var columns = new List<string>();
        if (facets.TryGetProperty("schema", out var schema))
            columns.AddRange(schema.GetProperty("fields").EnumerateArray().Select(field => field.GetProperty("name").GetString()!));
        columns.ShouldBeUnique();
        if (!facets.TryGetProperty("columnLineage", out var lineage)) return;
        foreach (var column in lineage.GetProperty("fields").EnumerateObject())
        {
            columns.ShouldContain(column.Name);
            foreach (var input in column.Value.GetProperty("inputFields").EnumerateArray())
            {
                foreach (var part in (string[])["namespace", "name", "field"]) input.GetProperty(part).GetString().ShouldNotBeNullOrEmpty();
                foreach (var transformation in input.GetProperty("transformations").EnumerateArray())
                    Subtypes[transformation.GetProperty("type").GetString()!].ShouldContain(transformation.GetProperty("subtype").GetString()!);
            }
        }
    }

    private static void CheckFacets(JsonElement owner)
    {
        foreach (var facet in owner.GetProperty("facets").EnumerateObject())
        {
            IsUri(facet.Value.GetProperty("_producer"));
            IsUri(facet.Value.GetProperty("_schemaURL"));
            var schema = FacetSchemas[facet.Name];
            facet.Value.GetProperty("_schemaURL").GetString().ShouldBe($"https://openlineage.io/spec/facets/{schema}.json#/$defs/{schema.Split('/')[1]}");
        }
    }

    private static void IsUri(JsonElement text) => Uri.TryCreate(text.GetString(), UriKind.Absolute, out _).ShouldBeTrue(text.GetString());

    private static string TypeOf(JsonElement one) => one.TryGetProperty("run", out _) ? "RunEvent" : one.TryGetProperty("dataset", out _) ? "DatasetEvent" : "JobEvent";

    private static string NameOf(JsonElement one) => one.TryGetProperty("dataset", out var dataset)
        ? $"DatasetEvent {dataset.GetProperty("name")}"
        : one.TryGetProperty("run", out _) ? $"RunEvent {one.GetProperty("eventType")} {one.GetProperty("job").GetProperty("name")}" : $"JobEvent {one.GetProperty("job").GetProperty("name")}";

    private static List<string> OriginsOf(JsonElement dataset, string column) =>
    [
        .. from input in dataset.GetProperty("facets").GetProperty("columnLineage").GetProperty("fields").GetProperty(column).GetProperty("inputFields").EnumerateArray()
           select $"{input.GetProperty("name")} {input.GetProperty("field")} {string.Join(", ", input.GetProperty("transformations").EnumerateArray().Select(one => $"{one.GetProperty("type")} {one.GetProperty("subtype")}"))}",
    ];
}
