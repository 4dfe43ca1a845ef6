using System.Collections.Concurrent;
using System.Reflection;
using EventFeatures.Testing.Gherkin.Bindings;
using EventFeatures.Testing.Gherkin.Running;
using Xunit;

namespace EventFeatures.Testing.Gherkin.TestCases;

/// <summary>The base of the class whose method carries <see cref="FeatureFilesAttribute"/>. One class is one test run.</summary>
/// <remarks>Scenarios run in the order of the files, so that a feature's hooks run once.</remarks>
[TestCaseOrderer("EventFeatures.Testing.Gherkin.TestCases.FileOrder", "EventFeatures.Testing")]
public abstract class FeatureTests(FeatureRunFixture run) : IClassFixture<FeatureRunFixture>
{
    /// <summary>The test run.</summary>
    protected FeatureRunFixture Run { get; } = run;
}

/// <summary>Keeps one <see cref="FeatureRun"/> for as long as the class's tests run.</summary>
public sealed class FeatureRunFixture : IAsyncLifetime
{
    private readonly ConcurrentDictionary<Assembly, FeatureRun> _runs = new();

    /// <inheritdoc/>
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        foreach (var run in _runs.Values) await run.DisposeAsync();
    }

    internal FeatureRun Of(Assembly assembly) => _runs.GetOrAdd(assembly, of => new FeatureRun(BindingRegistry.Of(of)));
}
