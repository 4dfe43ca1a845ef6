using EventFeatures.Testing.Gherkin.Bindings;
using EventFeatures.Testing.Gherkin.Features;

namespace EventFeatures.Testing.Gherkin.Running;

/// <summary>
/// Runs scenarios one after the other. The hooks of the test run and of the features run when their first scenario
/// comes, and when a scenario of another feature or the end comes. Not for concurrent use.
/// </summary>
public sealed class FeatureRun(BindingRegistry bindings) : IAsyncDisposable
{
    private readonly ObjectContainer _objects = new();
    private readonly List<Exception> _lateFailures = [];
    private FeatureInfo? _feature;
    private ObjectContainer? _featureObjects;
    private bool _started;
    private Exception? _startFailure;
    private Exception? _featureFailure;

    /// <summary>The longest that one step or hook may take. Default: 5 minutes.</summary>
    public TimeSpan StepDeadline { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Runs one scenario with all its hooks. Never throws: a failure is part of the result.</summary>
    public async Task<ScenarioResult> RunAsync(Scenario scenario)
    {
        await StartAsync();
        if (_startFailure is not null) return new ScenarioResult(_startFailure, "");
        if (_feature != scenario.Feature) await EnterAsync(scenario.Feature);
        return _featureFailure is not null
            ? new ScenarioResult(_featureFailure, "")
            : await new ScenarioRun(bindings, scenario, _featureObjects!, StepDeadline).RunAsync();
    }

    /// <summary>Runs the hooks that come after the last scenario.</summary>
    /// <exception cref="AggregateException">A hook after a feature or after the run failed.</exception>
    public async ValueTask DisposeAsync()
    {
        await LeaveAsync();
        if (_started) await KeepAsync(() => HooksAsync(HookType.AfterTestRun, [], _objects));
        await KeepAsync(async () => await _objects.DisposeAsync());
        if (_lateFailures.Count > 0) throw new AggregateException("What comes after the scenarios failed.", _lateFailures);
    }

    private async Task StartAsync()
    {
        if (_started) return;
        _started = true;
        _startFailure = await FailureOfAsync(() => HooksAsync(HookType.BeforeTestRun, [], _objects));
    }

    private async Task EnterAsync(FeatureInfo feature)
    {
        await LeaveAsync();
        _feature = feature;
        _featureObjects = new ObjectContainer(_objects);
        _featureObjects.Give(new FeatureContext(feature));
        _featureFailure = await FailureOfAsync(() => HooksAsync(HookType.BeforeFeature, feature.Tags, _featureObjects));
    }

    private async Task LeaveAsync()
    {
        if (_feature is not { } feature || _featureObjects is not { } objects) return;
        await KeepAsync(() => HooksAsync(HookType.AfterFeature, feature.Tags, objects));
        await KeepAsync(async () => await objects.DisposeAsync());
        (_feature, _featureObjects) = (null, null);
    }

    private async Task HooksAsync(HookType type, IReadOnlyList<string> tags, ObjectContainer objects)
    {
        foreach (var hook in bindings.Hooks(type, tags))
        {
            try
            {
                await Invocation.CallAsync(hook, null, objects.Arguments(hook), StepDeadline);
            }
            catch (Exception failure)
            {
                throw new HookFailedException($"The {type} hook {hook.DeclaringType!.Name}.{hook.Name} failed: {failure.Message}", failure);
            }
        }
    }

    private async Task KeepAsync(Func<Task> action)
    {
        if (await FailureOfAsync(action) is { } failure) _lateFailures.Add(failure);
    }

    private static async Task<Exception?> FailureOfAsync(Func<Task> action)
    {
        try
        {
            await action();
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }
}

/// <summary>How a scenario ended.</summary>
/// <param name="Failure">Why it failed; <see langword="null"/> when it passed.</param>
/// <param name="Output">Its steps and what became of each.</param>
public sealed record ScenarioResult(Exception? Failure, string Output);
