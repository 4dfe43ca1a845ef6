namespace EventFeatures.Core.Decisions;

/// <summary>A rule said no. Not a bug and not bad input: the same request may be allowed later, or in another state.</summary>
public sealed class RefusedException(string code, string detail, string nextStep, Exception? inner = null)
    : Exception($"{detail} {nextStep}", inner)
{
    /// <summary>A stable kebab-case code, for example <c>model-version-unknown</c>.</summary>
    public string Code { get; } = code;

    /// <summary>What was refused and why, with the values.</summary>
    public string Detail { get; } = detail;

    /// <summary>What the caller can do about it.</summary>
    public string NextStep { get; } = nextStep;
}

/// <summary>How rules are stated: <c>throw Decision.Rejected(code, detail, nextStep)</c>.</summary>
public static class Decision
{
    /// <summary>The exception that says that a rule refused.</summary>
    public static RefusedException Rejected(string code, string detail, string nextStep, Exception? inner = null) =>
        new(code, detail, nextStep, inner);
}
