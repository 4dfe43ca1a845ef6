using EventFeatures.Application.Catalog;
using EventFeatures.Application.Models;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Decisions;
using EventFeatures.UnitTests.Definitions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Catalog;

public sealed class ColumnLineageTests
{
    [Fact]
    public async Task A_feature_rests_on_what_it_aggregates_filters_and_windows_by_on_its_key_and_on_event_times()
    {
        await using var bench = await Shop.StartAsync();

        (await UpstreamAsync(bench, new ColumnSubject { Feature = "buying__moved" })).ShouldBe(
        [
            "shop.order/1#total of DIRECT AGGREGATION",
            "shop.return/1#refund of DIRECT AGGREGATION",
            "shop.order/1#@event_type where INDIRECT FILTER",
            "shop.return/1#@event_type where INDIRECT FILTER",
            "shop.order/1#total where INDIRECT FILTER",
            "shop.return/1#refund where INDIRECT FILTER",
            "shop.order/1#customer key INDIRECT GROUP_BY",
            "shop.order/1#placed_at event time INDIRECT WINDOW",
            "shop.return/1#test source where INDIRECT FILTER",
            "shop.return/1#@stream_key key INDIRECT GROUP_BY",
            "shop.return/1#@time event time INDIRECT WINDOW",
        ]);
        (await UpstreamAsync(bench, new ColumnSubject { Feature = "buying__by_channel" })).ShouldContain("shop.order/1#channel group_by INDIRECT GROUP_BY");
        (await UpstreamAsync(bench, new ColumnSubject { Feature = "buying__since_paid" })).ShouldContain("shop.order/1#status since INDIRECT WINDOW");
        (await UpstreamAsync(bench, new ColumnSubject { Feature = "buying__idle@v1" })).ShouldContain("shop.order/1#placed_at event time DIRECT AGGREGATION");
    }

    [Fact]
    public async Task A_field_leads_over_features_inputs_and_expressions_to_services_models_and_their_predictions()
    {
        await using var bench = await Shop.StartAsync();
        var registered = await bench.SendAsync(new RegisterModel("risk") { Onnx = FakeModels.Model(3), By = "ada" });
        await bench.SendAsync(new PromoteModel("risk", registered.Version.Version) { By = "grace" });

        var lineage = await bench.SendAsync(new GetColumnLineage(new ColumnSubject { Field = "shop.order#total" }));

        lineage.Upstream.ShouldBeEmpty();
        lineage.Downstream.Select(step => $"{step.Distance} {step.Edge.From} -> {step.Edge.To} {step.Edge.Use} {step.Edge.Text}".TrimEnd()).ShouldBe(
        [
            "1 shop.order/1#total -> buying__moved@v1 of sum of amount",
            "1 shop.order/1#total -> buying__moved@v1 where event_type == 'OrderPlaced' or amount > 5",
            "2 buying__moved@v1 -> risk@v1#buying__moved feature",
            "3 risk@v1#buying__moved -> risk@v1 input 1",
            "3 risk@v1#buying__moved -> risk@v1#share expression basket / buying__moved",
            "4 risk@v1 -> risk scored v1 (champion)",
            "4 risk@v1#share -> risk@v1 input 2",
            "4 risk@v1#share -> risk@v1#double_share expression share * 2",
            "5 risk -> eventfeatures.prediction/1#score answer",
            "5 risk -> eventfeatures.prediction/1#confidence answer",
            "5 risk -> eventfeatures.prediction/1#decision answer",
            "5 risk@v1#double_share -> risk@v1 input 3",
            "6 eventfeatures.prediction/1#score -> eventfeatures.outcome/1#score repeated",
            "6 eventfeatures.prediction/1#decision -> eventfeatures.outcome/1#decision repeated",
        ]);
        (await bench.SendAsync(new GetColumnLineage(new ColumnSubject { Field = "shop.order/1#unused" }))).Downstream.ShouldBeEmpty();
    }

    [Fact]
    public async Task Both_directions_say_the_same_of_everything_that_is_registered()
    {
        await using var bench = await Shop.StartAsync();
        var graph = ColumnGraphs.Of(bench.Registry.Current);

        foreach (var node in graph.Nodes)
            foreach (var other in graph.Downstream([node]).Select(step => step.Edge.To).Distinct())
                graph.Upstream([other]).ShouldContain(step => step.Edge.From == node, $"{other} rests on {node}");
    }

    [Fact]
    public async Task A_model_whose_own_predictions_are_a_feature_of_it_rests_on_itself_and_the_answer_ends()
    {
        const string Loop = """
            { apiVersion: eventfeatures/v1, kind: Entity, name: model, keys: [ { name: model, type: string } ] }
            ---
            apiVersion: eventfeatures/v1
            kind: FeatureView
            name: answers
            version: 1
            entity: model
            source: { contract: eventfeatures.prediction/1, key: [request.model] }
            features: [ { name: mean_score, aggregate: mean, of: score } ]
            ---
            apiVersion: eventfeatures/v1
            kind: FeatureService
            name: own
            version: 1
            features: [ { feature: answers__mean_score } ]
            ---
            { apiVersion: eventfeatures/v1, kind: Model, name: own, service: own }
            """;
        await using var bench = await DefinitionBench.StartAsync();
        await bench.ApplyAsync(Loop);

        var lineage = await bench.SendAsync(new GetColumnLineage(new ColumnSubject { Model = "own" }));

        lineage.Upstream.ShouldContain(step => step.Edge.From.ToString() == "own");
        lineage.Downstream.ShouldContain(step => step.Edge.To.ToString() == "own");
        (await bench.SendAsync(new GetColumnLineage(new ColumnSubject { Field = "eventfeatures.prediction/1#request" }))).Subjects.Select(subject => subject.Name)
            .ShouldBe(["request", "request.model", "request.entities", "request.context"]);
    }

    [Theory]
    [InlineData("shop.order/1#totl", "field-unknown", "Did you mean 'total'?")]
    [InlineData("shop.orders/1#total", "contract-unknown", "Did you mean 'shop.order/1'?")]
    public async Task A_field_that_there_is_not_is_answered_with_those_there_are(string field, string code, string hint)
    {
        await using var bench = await Shop.StartAsync();
        var refused = await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(new GetColumnLineage(new ColumnSubject { Field = field })));
        (refused.Code, refused.Detail.Contains(hint, StringComparison.Ordinal)).ShouldBe((code, true), refused.Message);
    }

    [Fact]
    public async Task One_thing_is_asked_about_at_a_time_and_of_a_service_one_input_too()
    {
        await using var bench = await Shop.StartAsync();
        (await Should.ThrowAsync<CommandInvalidException>(() => bench.SendAsync(new GetColumnLineage(new ColumnSubject())))).Message.ShouldContain("Name one");
        (await Should.ThrowAsync<CommandInvalidException>(() => bench.SendAsync(new GetColumnLineage(new ColumnSubject { Model = "risk", View = "buying" })))).Message.ShouldContain("Name one");
        (await Should.ThrowAsync<CommandInvalidException>(() => bench.SendAsync(new GetColumnLineage(new ColumnSubject { Field = "total" })))).Message.ShouldContain("contract/1#field");

        var input = await bench.SendAsync(new GetColumnLineage(new ColumnSubject { Service = "risk", Feature = "double_share" }));
        input.Upstream.Select(step => step.Edge.From.ToString()).Take(3).ShouldBe(["risk@v1#share", "risk@v1#context.basket", "risk@v1#buying__moved"]);
        (await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(new GetColumnLineage(new ColumnSubject { Service = "risk", Feature = "shar" })))).Detail.ShouldContain("Did you mean 'share'?");
    }

    private static async Task<IEnumerable<string>> UpstreamAsync(DefinitionBench bench, ColumnSubject subject) =>
        (await bench.SendAsync(new GetColumnLineage(subject))).Upstream.Select(step => $"{step.Edge.From} {step.Edge.Use} {step.Edge.Use.Type} {step.Edge.Use.Subtype}");
}
