using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Values;
using EventFeatures.UnitTests.Definitions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.FeatureServices;

public sealed class CompiledServiceTests
{
    private static readonly FeatureValue Missing = new(Value.Null, FeatureStatus.NotFound, null);

    [Fact]
    public async Task On_demand_features_are_computed_after_what_they_read_whatever_their_order()
    {
        var service = await CompileAsync("""
            - { name: twice, expression: "once + once" }
            - { name: once, expression: "count * 1" }
            - { feature: card_activity__count_1h, name: count }
            """);
        var vector = service.Assemble([[Present(3L), Missing]], [Value.Null]);
        vector.Values.Select(value => value.Value).ShouldBe([Value.Of(6L), Value.Of(3L), Value.Of(3L)]);
        vector.ToModelInput().ShouldBe([6f, 3f, 3f]);
    }

    [Fact]
    public async Task Features_that_read_each_other_in_a_circle_are_refused_by_name()
    {
        var invalid = await Should.ThrowAsync<DefinitionInvalidException>(() => CompileAsync("""
            - { name: a, expression: "b + 1" }
            - { name: b, expression: "a + 1" }
            - { name: c, expression: "amount" }
            """));
        invalid.Issues.ShouldHaveSingleItem().Code.ShouldBe("expression-cycle");
        invalid.Message.ShouldContain("'a', 'b'");
    }

    [Fact]
    public async Task Text_cannot_be_a_models_input_but_a_comparison_with_it_can()
    {
        (await Should.ThrowAsync<DefinitionInvalidException>(() => CompileAsync("""- { name: a, expression: "country" }"""))).Issues.ShouldHaveSingleItem().Code.ShouldBe("model-input-not-numeric");
        var service = await CompileAsync("""- { name: a, expression: "country == 'FR'" }""");
        service.Assemble([], [Value.Null, Value.Of("FR")]).ToModelInput().ShouldBe([1f]);
    }

    [Fact]
    public async Task An_expression_over_unknown_names_is_refused_with_its_place()
    {
        var issue = (await Should.ThrowAsync<DefinitionInvalidException>(() => CompileAsync("""
            - { name: fine, expression: "amount" }
            - { name: bad, expression: "amout * 2" }
            """))).Issues.ShouldHaveSingleItem();
        (issue.Code, issue.Path).ShouldBe(("expression-invalid", "features[1]"));
        issue.Message.ShouldContain("amout");
    }

    [Theory]
    [InlineData("", "NaN", "", "")]
    [InlineData(", missing: { default: 7 }", "7", "", "")]
    [InlineData(", missing: refuse", "NaN", "f", "")]
    [InlineData(", missing: fallback", "NaN", "", "f")]
    public async Task A_missing_value_meets_the_services_policy_and_keeps_its_status(string policy, string input, string refused, string fellBack)
    {
        var service = await CompileAsync($$"""- { feature: card_activity__count_1h, name: f{{policy}} }""");
        var vector = service.Assemble([[Missing, Missing]], [Value.Null]);
        vector.ToModelInput()[0].ToString(System.Globalization.CultureInfo.InvariantCulture).ShouldBe(input);
        vector.Values[0].Status.ShouldBe(FeatureStatus.NotFound);
        vector.Values[0].Defaulted.ShouldBe(input == "7");
        string.Join(' ', vector.Refused).ShouldBe(refused);
        string.Join(' ', vector.FellBack).ShouldBe(fellBack);
    }

    [Fact]
    public async Task A_default_of_another_type_is_refused() =>
        (await Should.ThrowAsync<DefinitionInvalidException>(() => CompileAsync("""- { feature: card_activity__count_1h, missing: { default: many } }""")))
            .Issues.ShouldHaveSingleItem().Code.ShouldBe("default-type-mismatch");

    [Fact]
    public async Task Context_is_read_as_declared_where_that_loses_nothing()
    {
        var service = await CompileAsync("""- { name: a, expression: "amount" }""");
        var wrong = new List<string>();
        service.BindContext(new Dictionary<string, Value> { ["amount"] = Value.Of(3L) }, (field, _) => wrong.Add(field)).ShouldBe([Value.Of(3.0), Value.Null]);
        service.BindContext(new Dictionary<string, Value> { ["amount"] = Value.Of((1L << 53) + 1) }, (field, _) => wrong.Add(field));
        service.BindContext(new Dictionary<string, Value> { ["country"] = Value.Of(1L) }, (field, _) => wrong.Add(field));
        service.BindContext(new Dictionary<string, Value> { ["zone"] = Value.Of(1L) }, (field, _) => wrong.Add(field));
        wrong.ShouldBe(["amount", "country", "zone"]);
    }

    [Theory]
    [InlineData("", "NaN", false)]
    [InlineData(", missing: { default: 3 }", "3", true)]
    public async Task A_choice_by_a_context_field_that_the_request_left_out_is_null_and_takes_neither_branch(string policy, string input, bool defaulted)
    {
        var service = await CompileAsync($$"""- { name: a, expression: "if(country == 'FR', 1, 2)"{{policy}} }""");
        var vector = service.Assemble([], [Value.Null, Value.Null]);
        vector.ToModelInput()[0].ToString(System.Globalization.CultureInfo.InvariantCulture).ShouldBe(input);
        vector.Values[0].Status.ShouldBe(FeatureStatus.Null);
        vector.Values[0].Defaulted.ShouldBe(defaulted);
    }

    [Fact]
    public void Values_become_floats_as_documented()
    {
        ModelInput.Of(Value.Null).ShouldBe(float.NaN);
        ModelInput.Of(Value.Of((1L << 24) + 1)).ShouldBe(16777216f);
        ModelInput.Of(Value.Of(0.1m)).ShouldBe(0.1f);
        ModelInput.Of(Value.Of(true)).ShouldBe(1f);
        ModelInput.Of(Value.Of(new DateOnly(1970, 1, 3))).ShouldBe(2f);
        Should.Throw<ArgumentException>(() => ModelInput.Of(Value.Of("x")));
    }

    private static FeatureValue Present(long value) => new(Value.Of(value), FeatureStatus.Present, null);

    private static async Task<CompiledService> CompileAsync(string features)
    {
        await using var bench = await DefinitionBench.StartAsync();
        var head = """
            apiVersion: eventfeatures/v1
            kind: FeatureService
            name: fraud
            version: 1
            context: [ { name: amount, type: number }, { name: country, type: string } ]
            features:

            """;
        await bench.ApplyAsync(Yaml.Contract, Yaml.Entity, Yaml.View, head + string.Join('\n', features.Split('\n').Select(line => "  " + line)));
        var registered = bench.Registry.Current;
        return CompiledService.Compile(registered.Services["fraud@v1"], registered.Views, registered.Entities);
    }
}
