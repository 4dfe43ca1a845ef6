using EventFeatures.Testing.Gherkin;
using EventFeatures.Testing.Gherkin.Features;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Gherkin;

public sealed class ScenarioLayoutTests
{
    private static IReadOnlyList<Scenario> Parse(string text) => FeatureParser.Parse(text, Play.Path);

    [Fact]
    public void An_outline_becomes_one_scenario_for_each_example_with_its_placeholders_filled_in()
    {
        var scenarios = Parse("""
            Feature: Ages
              Scenario Outline: A value is <age> old
                Given a value of <age> minutes
                  | age   |
                  | <age> |
                Then it is "<served>"

                Examples:
                  | age | served |
                  | 59  | yes    |
                  | 61  | no     |
            """);

        scenarios.Select(scenario => scenario.DisplayName).ShouldBe(
            ["Ages: A value is 59 old (age: 59, served: yes)", "Ages: A value is 61 old (age: 61, served: no)"]);
        scenarios[1].Steps.Select(step => step.ToString()).ShouldBe(["Given a value of 61 minutes", "Then it is \"no\""]);
        scenarios[1].Steps[0].Info.Table!.Rows[0]["age"].ShouldBe("61");
        scenarios[1].Location.ShouldBe("features/play.feature:11");
    }

    [Fact]
    public void A_feature_background_comes_before_a_rule_background_and_both_before_the_steps()
    {
        var scenarios = Parse("""
            Feature: Layers
              Background:
                Given the feature
              Scenario: Outside
                When outside
              Rule: Inner
                Background:
                  Given the rule
                Scenario: Inside
                  When inside
              Rule: Other
                Scenario: Beside
                  When beside
            """);

        scenarios.Select(scenario => string.Join(", ", scenario.Steps.Select(step => step.Info.Text))).ShouldBe(
            ["the feature, outside", "the feature, the rule, inside", "the feature, beside"]);
        scenarios.Select(scenario => scenario.Rule).ShouldBe([null, "Inner", "Other"]);
    }

    [Fact]
    public void Tags_are_inherited_from_feature_rule_scenario_and_examples()
    {
        var scenario = Parse("""
            @feature
            Feature: Tags
              @rule
              Rule: One
                @scenario
                Scenario Outline: Tagged
                  Given <x>
                  @examples
                  Examples:
                    | x |
                    | 1 |
            """).Single();

        scenario.Info.CombinedTags.ShouldBe(["feature", "rule", "scenario", "examples"]);
        scenario.Info.Tags.ShouldBe(["scenario", "examples"]);
        scenario.Feature.Tags.ShouldBe(["feature"]);
    }

    [Fact]
    public void And_but_and_the_asterisk_take_the_kind_of_the_step_before_them() =>
        Parse("""
            Feature: Kinds
              Scenario: All
                Given a
                And b
                When c
                * d
                Then e
                But f
            """).Single().Steps.Select(step => step.Info.StepDefinitionType).ShouldBe(
            [StepDefinitionType.Given, StepDefinitionType.Given, StepDefinitionType.When, StepDefinitionType.When, StepDefinitionType.Then, StepDefinitionType.Then]);

    [Fact]
    public void A_doc_string_keeps_its_lines() =>
        Parse("Feature: Doc\n  Scenario: One\n    Given text\n      \"\"\"\n      first\n        second\n      \"\"\"\n")
            .Single().Steps.Single().Info.MultilineText.ShouldBe("first\n  second");

    [Theory]
    [InlineData("Feature: A\n  Scenario: B\n    Given x\n  nonsense here\n", "features/play.feature:4: ")]
    [InlineData("Feature: A\n  Scenario: B\n", "features/play.feature:2: the scenario 'B' has no step")]
    [InlineData("Feature: A\n  Scenario Outline: B\n    Given x\n    Examples:\n      | a |\n", "features/play.feature:2: the outline 'B' has no example")]
    [InlineData("Feature: A\n  Scenario: B\n    Given x\n      | a | a |\n      | 1 | 2 |\n", "features/play.feature:4: The table has two columns named 'a'")]
    public void A_file_that_cannot_run_is_refused_with_file_and_line(string text, string message) =>
        Should.Throw<FeatureInvalidException>(() => Parse(text)).Message.ShouldStartWith(message);
}
