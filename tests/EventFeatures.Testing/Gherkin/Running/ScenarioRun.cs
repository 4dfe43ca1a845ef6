using System.Diagnostics;
using System.Globalization;
using System.Text;
using EventFeatures.Testing.Gherkin.Bindings;
using EventFeatures.Testing.Gherkin.Features;

namespace EventFeatures.Testing.Gherkin.Running;

/// <summary>One scenario: its hooks, and its steps up to the first that fails.</summary>
internal sealed class ScenarioRun(BindingRegistry bindings, Scenario scenario, ObjectContainer featureObjects, TimeSpan deadline)
{
    private readonly ObjectContainer _objects = new(featureObjects);
    private readonly ScenarioContext _context = new(scenario.Info);
    private readonly StringBuilder _output = new();

    public async Task<ScenarioResult> RunAsync()
    {
        // Binding comes first, so that one run names every step that lacks a definition, and no hook runs in vain.
        IReadOnlyList<BoundStep> steps;
        try
        {
            steps = bindings.Bind(scenario);
        }
        catch (StepUnboundException unbound)
        {
            return new ScenarioResult(unbound, "");
        }
        _objects.Give(_context);
        if (await TryAsync(() => HooksAsync(HookType.BeforeScenario)))
            foreach (var step in steps) await StepAsync(step);
        else
            foreach (var step in steps) Skip(step);
        await TryAsync(() => HooksAsync(HookType.AfterScenario));
        await TryAsync(async () => await _objects.DisposeAsync());
        return new ScenarioResult(_context.TestError, _output.ToString());
    }

    private async Task StepAsync(BoundStep bound)
    {
        if (_context.TestError is not null)
        {
            Skip(bound);
            return;
        }
        var started = Stopwatch.GetTimestamp();
        _context.StepInfo = bound.Step.Info;
        if (await TryAsync(() => HooksAsync(HookType.BeforeStep))) await TryAsync(() => CallAsync(bound));
        await TryAsync(() => HooksAsync(HookType.AfterStep));
        _context.StepInfo = null;
        var end = _context.TestError is null ? "done" : "failed";
        _output.AppendLine(CultureInfo.InvariantCulture, $"{bound.Step}\n  -> {end} in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.000} s");
    }

    private void Skip(BoundStep bound) => _output.AppendLine(CultureInfo.InvariantCulture, $"{bound.Step}\n  -> not run, since an earlier step or hook failed");

    private async Task CallAsync(BoundStep bound)
    {
        try
        {
            var method = bound.Binding.Method;
            var arguments = bindings.Arguments.Arguments(bound, _objects.Resolve);
            await Invocation.CallAsync(method, method.IsStatic ? null : _objects.Resolve(method.DeclaringType!), arguments, deadline);
        }
        catch (Exception failure)
        {
            throw new StepFailedException($"{scenario.Feature.FilePath}:{bound.Step.Line}: {bound.Step}\n{failure.Message}", failure);
        }
    }

    private async Task HooksAsync(HookType type)
    {
        foreach (var hook in bindings.Hooks(type, scenario.Info.CombinedTags))
        {
            try
            {
                await Invocation.CallAsync(hook, hook.IsStatic ? null : _objects.Resolve(hook.DeclaringType!), _objects.Arguments(hook), deadline);
            }
            catch (Exception failure)
            {
                throw new HookFailedException($"{scenario.Location}: the {type} hook {hook.DeclaringType!.Name}.{hook.Name} failed: {failure.Message}", failure);
            }
        }
    }

    /// <summary>Keeps the first failure as the scenario's own; what fails after it is told beside it.</summary>
    private async Task<bool> TryAsync(Func<Task> action)
    {
        try
        {
            await action();
            return true;
        }
        catch (Exception failure)
        {
            _context.TestError = _context.TestError is { } first ? new AggregateException(first.Message, first, failure) : failure;
            return false;
        }
    }
}
