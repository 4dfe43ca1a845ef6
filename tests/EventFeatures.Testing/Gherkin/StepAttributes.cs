namespace EventFeatures.Testing.Gherkin;

/// <summary>Marks a class that holds step definitions, transformations or hooks.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class BindingAttribute : Attribute;

/// <summary>What the four step attributes share.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public abstract class StepDefinitionBaseAttribute(string expression, params StepDefinitionType[] types) : Attribute
{
    /// <summary>A cucumber expression or a regular expression that has to match the whole step.</summary>
    public string Expression { get; } = expression;

    /// <summary>The kinds of steps that it binds.</summary>
    public IReadOnlyList<StepDefinitionType> Types { get; } = types;
}

/// <summary>Binds a <c>Given</c> step.</summary>
public sealed class GivenAttribute(string expression) : StepDefinitionBaseAttribute(expression, StepDefinitionType.Given);

/// <summary>Binds a <c>When</c> step.</summary>
public sealed class WhenAttribute(string expression) : StepDefinitionBaseAttribute(expression, StepDefinitionType.When);

/// <summary>Binds a <c>Then</c> step.</summary>
public sealed class ThenAttribute(string expression) : StepDefinitionBaseAttribute(expression, StepDefinitionType.Then);

/// <summary>Binds a step of any kind.</summary>
public sealed class StepDefinitionAttribute(string expression) : StepDefinitionBaseAttribute(
    expression, StepDefinitionType.Given, StepDefinitionType.When, StepDefinitionType.Then);

/// <summary>
/// Turns a step's text, table or doc string into the type that the method returns. With an expression, only a text
/// that matches it as a whole, with the captured groups as arguments.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class StepArgumentTransformationAttribute(string? regex = null) : Attribute
{
    /// <summary>The regular expression, or <see langword="null"/> for any text.</summary>
    public string? Regex { get; } = regex;

    /// <summary>The parameter's name in cucumber expressions; the returned type's name if left out.</summary>
    public string? Name { get; init; }
}

/// <summary>The kinds of steps. <c>And</c>, <c>But</c> and <c>*</c> are of the kind of the step before them.</summary>
public enum StepDefinitionType
{
    /// <summary>What holds at first.</summary>
    Given,

    /// <summary>What is done.</summary>
    When,

    /// <summary>What must hold then.</summary>
    Then,
}
