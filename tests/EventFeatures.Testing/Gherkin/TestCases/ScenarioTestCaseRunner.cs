using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace EventFeatures.Testing.Gherkin.TestCases;

/// <summary>Runs a scenario where xunit would call a method.</summary>
internal sealed class ScenarioTestCaseRunner(
    ScenarioTestCase scenario, string displayName, string? skipReason, object[] constructorArguments,
    IMessageBus messageBus, ExceptionAggregator aggregator, CancellationTokenSource cancellation)
    : XunitTestCaseRunner(scenario, displayName, skipReason, constructorArguments, [], messageBus, aggregator, cancellation)
{
    protected override XunitTestRunner CreateTestRunner(
        ITest test, IMessageBus messageBus, Type testClass, object[] constructorArguments, MethodInfo testMethod, object[] testMethodArguments,
        string skipReason, IReadOnlyList<BeforeAfterTestAttribute> beforeAfterAttributes, ExceptionAggregator aggregator, CancellationTokenSource cancellationTokenSource) =>
        new ScenarioRunner(scenario, test, messageBus, testClass, constructorArguments, testMethod, skipReason, beforeAfterAttributes, aggregator, cancellationTokenSource);

    private sealed class ScenarioRunner(
        ScenarioTestCase scenario, ITest test, IMessageBus messageBus, Type testClass, object[] constructorArguments, MethodInfo testMethod,
        string skipReason, IReadOnlyList<BeforeAfterTestAttribute> beforeAfterAttributes, ExceptionAggregator aggregator, CancellationTokenSource cancellation)
        : XunitTestRunner(test, messageBus, testClass, constructorArguments, testMethod, [], skipReason, beforeAfterAttributes, aggregator, cancellation)
    {
        protected override async Task<Tuple<decimal, string>> InvokeTestAsync(ExceptionAggregator aggregator)
        {
            var timer = new ExecutionTimer();
            var output = "";
            await aggregator.RunAsync(() => timer.AggregateAsync(async () =>
            {
                var run = ConstructorArguments.OfType<FeatureRunFixture>().SingleOrDefault()
                    ?? throw new InvalidOperationException($"{TestClass.Name} has to derive from {nameof(FeatureTests)} and hand its fixture on.");
                var result = await run.Of(TestClass.Assembly).RunAsync(scenario.Scenario);
                output = result.Output;
                if (result.Failure is { } failure) throw failure;
            }));
            return Tuple.Create(timer.Total, output);
        }
    }
}
