using System.Reflection;

namespace EventFeatures.Testing.Gherkin.Bindings;

/// <summary>The step definitions, transformations and hooks of a set of classes.</summary>
public sealed class BindingRegistry
{
    private readonly List<StepBinding> _steps = [];
    private readonly List<HookBinding> _hooks = [];

    private BindingRegistry(IEnumerable<Type> bindings)
    {
        var methods = bindings.SelectMany(type => type.GetMethods(
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)).ToList();
        Arguments = new ArgumentConversion(methods);
        foreach (var method in methods)
        {
            foreach (var step in method.GetCustomAttributes<StepDefinitionBaseAttribute>())
                _steps.Add(new StepBinding(step, method, StepExpression.Parse(step.Expression, Arguments.ParameterTypes(method))));
            foreach (var hook in method.GetCustomAttributes<HookAttribute>())
                _hooks.Add(new HookBinding(hook, Checked(hook, method)));
        }
    }

    /// <summary>The classes of an assembly that are marked with <see cref="BindingAttribute"/>.</summary>
    public static BindingRegistry Of(Assembly assembly) =>
        Of([.. assembly.GetTypes().Where(type => type.IsDefined(typeof(BindingAttribute), inherit: false))]);

    /// <summary>The classes given.</summary>
    /// <exception cref="BindingInvalidException">A binding can never run as it is declared.</exception>
    public static BindingRegistry Of(params IReadOnlyList<Type> bindings) => new(bindings);

    internal ArgumentConversion Arguments { get; }

    internal IEnumerable<MethodInfo> Hooks(HookType type, IReadOnlyList<string> tags) => _hooks
        .Where(hook => hook.Attribute.Type == type && hook.Wants(tags))
        .OrderBy(hook => hook.Attribute.Order)
        .Select(hook => hook.Method).Distinct();

    /// <summary>Finds the one binding of each step.</summary>
    /// <exception cref="StepUnboundException">Some have none or several; the message lists every one of them.</exception>
    internal IReadOnlyList<BoundStep> Bind(Features.Scenario scenario)
    {
        var bound = new List<BoundStep>();
        var problems = new List<string>();
        foreach (var step in scenario.Steps)
        {
            var candidates = _steps.Select(binding => (binding, Captured: binding.Match(step.Info)))
                .Where(candidate => candidate.Captured is not null).DistinctBy(candidate => candidate.binding.Method).ToList();
            if (candidates is [var (binding, captured)]) bound.Add(new BoundStep(step, binding, captured!));
            else problems.Add($"{scenario.Feature.FilePath}:{step.Line}: {step}\n" + (candidates.Count == 0
                ? $"No step definition matches. Write one, for example:\n\n{Snippet.For(step.Info)}"
                : $"{candidates.Count} step definitions match. Change all but one of them:\n{string.Join('\n', candidates.Select(candidate => "  " + candidate.binding))}\n"));
        }
        return problems.Count == 0 ? bound : throw new StepUnboundException(string.Join('\n', problems.Distinct()));
    }

    private static MethodInfo Checked(HookAttribute hook, MethodInfo method) =>
        hook.Type is HookType.BeforeTestRun or HookType.AfterTestRun or HookType.BeforeFeature or HookType.AfterFeature && !method.IsStatic
            ? throw new BindingInvalidException($"The {hook.Type} hook {method.DeclaringType!.Name}.{method.Name} must be static: no scenario's objects exist then.")
            : method;
}
