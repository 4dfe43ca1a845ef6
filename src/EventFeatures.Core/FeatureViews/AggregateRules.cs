using EventFeatures.Core.Expressions;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews;

/// <summary>Whether a feature gives its aggregate what it takes, and nothing else.</summary>
internal static class AggregateRules
{
    /// <summary>What is wrong, by the feature's keys.</summary>
    /// <param name="feature">The feature.</param>
    /// <param name="aggregate">Its aggregate.</param>
    /// <param name="of">The shape of its input; null where it has none, or one that could not be read.</param>
    public static IEnumerable<AggregateIssue> Check(Feature feature, Aggregate aggregate, ValueShape? of)
    {
        var issues = Input(feature, aggregate, of).Concat(Parameters(feature, aggregate)).ToList();
        if (issues.Count > 0 || (feature.Of is not null && of is null)) return issues;
        return aggregate.Check(new AggregateInput(of) { Parameters = feature.Parameters, Window = feature.Window });
    }

    private static IEnumerable<AggregateIssue> Input(Feature feature, Aggregate aggregate, ValueShape? of)
    {
        if (feature.Of is null && aggregate.NeedsInput)
            yield return new AggregateIssue("of-missing", "of", $"Aggregate '{aggregate.Name}' needs 'of': {aggregate.Accepts}.");
        else if (of is not null && (aggregate.Result(of) is null || (of.Kind == ValueKind.Null && aggregate.NeedsInput)))
            yield return new AggregateIssue("type-mismatch", "of", $"Aggregate '{aggregate.Name}' takes {aggregate.Accepts}; '{feature.Of}' is {(of.Kind == ValueKind.Null ? "always null" : Typed.Describe(of))}.");
    }

    private static IEnumerable<AggregateIssue> Parameters(Feature feature, Aggregate aggregate)
    {
        foreach (var name in feature.Parameters.Names())
        {
            if (name == "max_groups")
            {
                if (feature.GroupBy is null)
                    yield return new AggregateIssue("parameter-unknown", name, "'max_groups' bounds the groups of 'group_by', which this feature has not.");
                else if (feature.Parameters.GroupsMax is < 1 or > GroupedFold.GroupsLimit)
                    yield return new AggregateIssue("parameter-invalid", name, $"'max_groups' is a whole number from 1 to {GroupedFold.GroupsLimit}.");
            }
            else if (!aggregate.Parameters.Contains(name))
            {
                var takes = aggregate.Parameters.Count == 0 ? "It takes none." : $"It takes {string.Join(", ", aggregate.Parameters.Select(one => $"'{one}'"))}.";
                yield return new AggregateIssue("parameter-unknown", name, $"Aggregate '{aggregate.Name}' has no parameter '{name}'. {takes}");
            }
        }
    }
}
