namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>The ranges of parameters that several aggregates share.</summary>
internal static class ParameterRules
{
    /// <summary>The most that <c>k</c> may be: what it counts is held in memory for each entity.</summary>
    public const int KMax = 1_000;

    /// <summary>How many different values are told apart where <c>max_values</c> says nothing, and how many it may allow.</summary>
    public const int ValuesDefault = 1_000, ValuesLimit = 10_000;

    /// <summary><c>k</c> is there, if it has to be, and in range.</summary>
    public static IEnumerable<AggregateIssue> K(string aggregate, AggregateInput input, int least = 1, bool isNeeded = true)
    {
        if (input.Parameters.K is not { } k)
        {
            if (isNeeded) yield return Missing(aggregate, "k", "3");
        }
        else if (k < least || k > KMax) yield return Invalid("k", $"a whole number from {least} to {KMax}", k);
    }

    /// <summary><c>max_values</c> is in range.</summary>
    public static IEnumerable<AggregateIssue> ValuesMax(AggregateInput input)
    {
        if (input.Parameters.ValuesMax is { } max and (< 1 or > ValuesLimit))
            yield return Invalid("max_values", $"a whole number from 1 to {ValuesLimit}", max);
    }

    public static AggregateIssue Missing(string aggregate, string key, string example) =>
        new("parameter-missing", key, $"Aggregate '{aggregate}' needs '{key}'. Write for example {key}: {example}");

    public static AggregateIssue Invalid(string key, string wanted, object found) =>
        new("parameter-invalid", key, System.FormattableString.Invariant($"'{key}' is {found}; it has to be {wanted}."));
}
