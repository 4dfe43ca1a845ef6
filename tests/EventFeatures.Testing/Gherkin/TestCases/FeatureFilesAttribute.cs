using Xunit;
using Xunit.Sdk;

namespace EventFeatures.Testing.Gherkin.TestCases;

/// <summary>Makes every scenario below a folder of the checkout a test of its own. Stands on a method of a <see cref="FeatureTests"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("EventFeatures.Testing.Gherkin.TestCases.FeatureFilesDiscoverer", "EventFeatures.Testing")]
public sealed class FeatureFilesAttribute(string folder) : FactAttribute
{
    /// <summary>The folder, relative to the checkout's root.</summary>
    public string Folder { get; } = folder;
}
