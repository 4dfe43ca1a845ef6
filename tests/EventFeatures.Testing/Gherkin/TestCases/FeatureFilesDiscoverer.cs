using EventFeatures.Testing.Gherkin.Features;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace EventFeatures.Testing.Gherkin.TestCases;

/// <summary>Finds the scenarios. A file that cannot be read becomes a test that fails and says why.</summary>
public sealed class FeatureFilesDiscoverer(IMessageSink diagnostics) : IXunitTestCaseDiscoverer
{
    /// <inheritdoc/>
    public IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute)
    {
        var folder = factAttribute.GetNamedArgument<string>(nameof(FeatureFilesAttribute.Folder));
        IReadOnlyList<string> files;
        FeatureInvalidException? missing = null;
        try
        {
            files = FeatureFolder.Files(folder);
        }
        catch (FeatureInvalidException invalid)
        {
            (files, missing) = ([], invalid);
        }
        if (missing is not null) yield return Broken(discoveryOptions, testMethod, missing);
        foreach (var file in files)
            foreach (var testCase in OfFile(discoveryOptions, testMethod, file)) yield return testCase;
    }

    private IEnumerable<IXunitTestCase> OfFile(ITestFrameworkDiscoveryOptions options, ITestMethod testMethod, string file)
    {
        try
        {
            return [.. FeatureFolder.Scenarios(file).Select((_, index) => new ScenarioTestCase(
                diagnostics, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), testMethod, file, index))];
        }
        catch (FeatureInvalidException invalid)
        {
            return [Broken(options, testMethod, invalid)];
        }
    }

    private ExecutionErrorTestCase Broken(ITestFrameworkDiscoveryOptions options, ITestMethod testMethod, FeatureInvalidException invalid) =>
        new(diagnostics, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), testMethod, invalid.Message);
}
