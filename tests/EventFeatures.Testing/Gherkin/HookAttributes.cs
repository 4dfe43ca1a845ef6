namespace EventFeatures.Testing.Gherkin;

/// <summary>What the hook attributes share: the tags that they are limited to, and their order.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public abstract class HookAttribute(HookType type, string[] tags) : Attribute
{
    /// <summary>When the hook runs.</summary>
    public HookType Type { get; } = type;

    /// <summary>The hook runs if at least one of these tags is there; empty for always.</summary>
    public IReadOnlyList<string> Tags { get; } = tags;

    /// <summary>Hooks of the same type run in ascending order. Default: 10000.</summary>
    public int Order { get; init; } = 10000;
}

/// <summary>Runs once before the first scenario. The method is static.</summary>
public sealed class BeforeTestRunAttribute() : HookAttribute(HookType.BeforeTestRun, []);

/// <summary>Runs once after the last scenario. The method is static.</summary>
public sealed class AfterTestRunAttribute() : HookAttribute(HookType.AfterTestRun, []);

/// <summary>Runs before the first scenario of a feature. The method is static.</summary>
public sealed class BeforeFeatureAttribute(params string[] tags) : HookAttribute(HookType.BeforeFeature, tags);

/// <summary>Runs after the last scenario of a feature. The method is static.</summary>
public sealed class AfterFeatureAttribute(params string[] tags) : HookAttribute(HookType.AfterFeature, tags);

/// <summary>Runs before each scenario or example.</summary>
public sealed class BeforeScenarioAttribute(params string[] tags) : HookAttribute(HookType.BeforeScenario, tags);

/// <summary>Runs after each scenario or example, whether it passed or not.</summary>
public sealed class AfterScenarioAttribute(params string[] tags) : HookAttribute(HookType.AfterScenario, tags);

/// <summary>Runs before each step.</summary>
public sealed class BeforeStepAttribute(params string[] tags) : HookAttribute(HookType.BeforeStep, tags);

/// <summary>Runs after each step that ran, whether it passed or not.</summary>
public sealed class AfterStepAttribute(params string[] tags) : HookAttribute(HookType.AfterStep, tags);

/// <summary>When a hook runs.</summary>
public enum HookType
{
    /// <summary>Before the first scenario.</summary>
    BeforeTestRun,

    /// <summary>After the last scenario.</summary>
    AfterTestRun,

    /// <summary>Before a feature's first scenario.</summary>
    BeforeFeature,

    /// <summary>After a feature's last scenario.</summary>
    AfterFeature,

    /// <summary>Before a scenario.</summary>
    BeforeScenario,

    /// <summary>After a scenario.</summary>
    AfterScenario,

    /// <summary>Before a step.</summary>
    BeforeStep,

    /// <summary>After a step.</summary>
    AfterStep,
}
