using System.Reflection;

namespace EventFeatures.Testing.Gherkin.Bindings;

/// <summary>A method that answers to steps.</summary>
internal sealed class StepBinding(StepDefinitionBaseAttribute attribute, MethodInfo method, StepExpression expression)
{
    public MethodInfo Method { get; } = method;

    /// <summary>The captured texts, or <see langword="null"/> when the step is not this one.</summary>
    public IReadOnlyList<string>? Match(StepInfo step) => attribute.Types.Contains(step.StepDefinitionType) ? expression.Match(step.Text) : null;

    public override string ToString() => $"{Method.DeclaringType!.Name}.{Method.Name}({string.Join(", ", Method.GetParameters().Select(parameter => parameter.ParameterType.Name))}): \"{attribute.Expression}\"";
}

/// <summary>A step with the method that answers to it and the texts that it captured.</summary>
internal sealed record BoundStep(Features.Step Step, StepBinding Binding, IReadOnlyList<string> Captured);

/// <summary>A hook.</summary>
internal sealed record HookBinding(HookAttribute Attribute, MethodInfo Method)
{
    /// <summary>Whether the hook is without tags or shares one.</summary>
    public bool Wants(IReadOnlyList<string> tags) =>
        Attribute.Tags.Count == 0 || Attribute.Tags.Any(tag => tags.Contains(tag.TrimStart('@'), StringComparer.OrdinalIgnoreCase));
}
