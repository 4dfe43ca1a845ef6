using EventFeatures.Testing.Gherkin;
using EventFeatures.Testing.Gherkin.Running;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Gherkin;

public sealed class ScenarioRunTests
{
    private const string TwoScenarios = "Feature: F\n  Scenario: One\n    Given a\n    When b\n  @special\n  Scenario: Two\n    Given a\n";

    [Fact]
    public async Task Hooks_run_around_the_run_the_feature_the_scenario_and_the_step_in_their_order()
    {
        var journal = Journal.Open();

        await Play.AllAsync(TwoScenarios, typeof(Hooked));

        journal.ShouldBe(
        [
            "before run", "before feature F",
            "first", "before One", "before a", "a", "after a", "before b", "b", "after b", "after One",
            "first", "before Two", "special", "before a", "a", "after a", "after Two",
            "after feature", "after run",
        ]);
    }

    [Fact]
    public async Task A_failing_step_is_named_with_file_and_line_and_ends_the_scenario_but_not_its_clean_up()
    {
        var journal = Journal.Open();

        var result = (await Play.AllAsync("Feature: F\n  Scenario: S\n    Given a\n    Then it fails\n    And b\n", typeof(Hooked))).Single();

        result.Failure.ShouldBeOfType<StepFailedException>().Message.ShouldBe("features/play.feature:4: Then it fails\nnot what was expected");
        result.Failure.InnerException.ShouldBeOfType<InvalidOperationException>();
        result.Output.ShouldContain("And b\n  -> not run");
        journal.ShouldBe(
        [
            "before run", "before feature F", "first", "before S", "before a", "a", "after a",
            "before it fails", "after it fails", "failed S", "after S", "after feature", "after run",
        ]);
    }

    [Fact]
    public async Task A_pending_step_fails() =>
        (await Play.FailureAsync("Feature: F\n  Scenario: S\n    Given it is pending\n", typeof(Plain))).InnerException.ShouldBeOfType<PendingStepException>();

    [Fact]
    public async Task An_asynchronous_step_is_waited_for()
    {
        var journal = Journal.Open();

        await Play.AllAsync("Feature: F\n  Scenario: S\n    Given it takes a while\n    Then kept is \"later\"\n", typeof(Plain));

        journal.ShouldBe(["later"]);
    }

    [Fact]
    public async Task Objects_are_shared_by_all_bindings_of_a_scenario_and_by_no_other()
    {
        var journal = Journal.Open();

        var results = await Play.AllAsync(
            "Feature: F\n  Scenario: S\n    Given kept by one\n    Then seen by the other\n  Scenario: T\n    Then seen by the other\n", typeof(Plain), typeof(Other));

        results.ShouldAllBe(result => result.Failure == null);
        journal.ShouldBe(["1", "disposed", "0", "disposed"]);
    }

    [Fact]
    public async Task A_failing_hook_before_a_scenario_keeps_its_steps_from_running()
    {
        var journal = Journal.Open();

        var failure = await Play.FailureAsync("Feature: F\n  Scenario: S\n    Given a\n", typeof(FailingHook));

        failure.ShouldBeOfType<HookFailedException>().Message.ShouldContain("the BeforeScenario hook FailingHook.Fail failed: no server");
        journal.ShouldBe(["cleaned"]);
    }

    [Fact]
    public async Task A_failure_after_the_run_is_not_lost()
    {
        var failure = await Should.ThrowAsync<AggregateException>(() => Play.AllAsync("Feature: F\n  Scenario: S\n    Given a\n", typeof(FailingEnd)));

        failure.InnerExceptions.Single().Message.ShouldContain("AfterTestRun hook FailingEnd.End failed");
    }

    [Binding]
    private sealed class Hooked(ScenarioContext scenario)
    {
        [BeforeTestRun] public static void BeforeRun() => Journal.Write("before run");
        [AfterTestRun] public static void AfterRun() => Journal.Write("after run");
        [BeforeFeature] public static void BeforeFeature(FeatureContext feature) => Journal.Write($"before feature {feature.FeatureInfo.Title}");
        [AfterFeature] public static void AfterFeature() => Journal.Write("after feature");
        [BeforeScenario("@special", Order = 20000)] public void Special() => Journal.Write("special");
        [BeforeScenario] public void Before() => Journal.Write($"before {scenario.ScenarioInfo.Title}");
        [BeforeScenario(Order = 1)] public void First() => Journal.Write("first");
        [BeforeStep] public void BeforeStep() => Journal.Write($"before {scenario.StepInfo!.Text}");
        [AfterStep] public void AfterStep() => Journal.Write($"after {scenario.StepInfo!.Text}");
        [Given("a")] public void A() => Journal.Write("a");
        [StepDefinition("b")] public void B() => Journal.Write("b");
        [Then("it fails")] public void Fails() => throw new InvalidOperationException("not what was expected");

        [AfterScenario]
        public void After()
        {
            if (scenario.TestError is not null) Journal.Write($"failed {scenario.ScenarioInfo.Title}");
            Journal.Write($"after {scenario.ScenarioInfo.Title}");
        }
    }

    private sealed class Shared : IDisposable
    {
        public int Count { get; set; }

        public void Dispose() => Journal.Write("disposed");
    }

    [Binding]
    private sealed class Plain(ScenarioContext scenario)
    {
        [Given("it is pending")] public void Pending() => throw new PendingStepException();
        [Given("kept by one")] public void Keep() => scenario.Set("x");
        [Then("kept is {string}")] public void Kept(string value) => Journal.Write(scenario.Get<string>().Length > 0 ? value : "");

        [Given("it takes a while")]
        public async Task Later()
        {
            await Task.Yield();
            scenario.Set("later");
        }
    }

    [Binding]
    private sealed class Other(ScenarioContext scenario, Shared shared)
    {
        [BeforeStep] public void Count() => shared.Count = scenario.Count;
        [Then("seen by the other")] public void Seen() => Journal.Write($"{shared.Count}");
    }

    [Binding]
    private sealed class FailingHook
    {
        [BeforeScenario] public void Fail() => throw new InvalidOperationException("no server");
        [AfterScenario] public void Clean() => Journal.Write("cleaned");
        [Given("a")] public void A() => Journal.Write("a");
    }

    [Binding]
    private sealed class FailingEnd
    {
        [AfterTestRun] public static void End() => throw new InvalidOperationException("port still open");
        [Given("a")] public void A() { }
    }
}
