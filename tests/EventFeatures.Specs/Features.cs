using EventFeatures.Testing.Gherkin.TestCases;

namespace EventFeatures.Specs;

/// <summary>Every scenario of the feature files, each as a test of its own.</summary>
public sealed class Features(FeatureRunFixture run) : FeatureTests(run)
{
    [FeatureFiles("features")]
    public void Scenarios() { }
}
