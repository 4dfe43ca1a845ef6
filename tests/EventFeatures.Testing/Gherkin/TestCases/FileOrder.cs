using Xunit.Abstractions;
using Xunit.Sdk;

namespace EventFeatures.Testing.Gherkin.TestCases;

/// <summary>The order of the files and of the lines in them.</summary>
public sealed class FileOrder : ITestCaseOrderer
{
    /// <inheritdoc/>
    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases) where TTestCase : ITestCase =>
        testCases.OrderBy(testCase => (testCase as ScenarioTestCase)?.Scenario.Feature.FilePath, StringComparer.Ordinal)
            .ThenBy(testCase => (testCase as ScenarioTestCase)?.Scenario.Line);
}
