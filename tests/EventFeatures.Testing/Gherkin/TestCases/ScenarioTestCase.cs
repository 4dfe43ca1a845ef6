using System.ComponentModel;
using EventFeatures.Testing.Gherkin.Features;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace EventFeatures.Testing.Gherkin.TestCases;

/// <summary>One scenario as a test case, named after it, with its tags as the trait <c>Category</c>.</summary>
public sealed class ScenarioTestCase : XunitTestCase
{
    private string _file = "";
    private int _index;

    /// <summary>For the test runner, which fills it in when it reads it back.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    [Obsolete("Called by the test runner when it reads a test case back.")]
    public ScenarioTestCase() { }

    /// <summary>Names a scenario by its place in its file.</summary>
    public ScenarioTestCase(
        IMessageSink diagnostics, TestMethodDisplay display, TestMethodDisplayOptions displayOptions, ITestMethod testMethod, string file, int index)
        : base(diagnostics, display, displayOptions, testMethod) => (_file, _index) = (file, index);

    /// <summary>The scenario.</summary>
    public Scenario Scenario => FeatureFolder.Scenarios(_file)[_index];

    /// <inheritdoc/>
    public override void Serialize(IXunitSerializationInfo data)
    {
        base.Serialize(data);
        data.AddValue(nameof(_file), _file);
        data.AddValue(nameof(_index), _index);
    }

    /// <inheritdoc/>
    public override void Deserialize(IXunitSerializationInfo data)
    {
        base.Deserialize(data);
        _file = data.GetValue<string>(nameof(_file));
        _index = data.GetValue<int>(nameof(_index));
    }

    /// <inheritdoc/>
    public override Task<RunSummary> RunAsync(
        IMessageSink diagnosticMessageSink, IMessageBus messageBus, object[] constructorArguments, ExceptionAggregator aggregator, CancellationTokenSource cancellationTokenSource) =>
        new ScenarioTestCaseRunner(this, DisplayName, SkipReason, constructorArguments, messageBus, aggregator, cancellationTokenSource).RunAsync();

    /// <inheritdoc/>
    protected override void Initialize()
    {
        base.Initialize();
        DisplayName = Scenario.DisplayName;
        if (Scenario.IsIgnored) SkipReason = $"{Scenario.Location} is marked with @ignore.";
        foreach (var tag in Scenario.Info.CombinedTags)
        {
            if (!Traits.TryGetValue("Category", out var categories)) Traits["Category"] = categories = [];
            categories.Add(tag);
        }
    }

    /// <inheritdoc/>
    protected override string GetUniqueID() => $"{base.GetUniqueID()}:{_file}:{_index}";
}
