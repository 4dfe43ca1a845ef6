using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>What one feature gives its aggregate to work with.</summary>
/// <param name="Of">The shape of the inputs; null where the feature has no <c>of</c>.</param>
public sealed record AggregateInput(ValueShape? Of)
{
    /// <summary>The kind of the inputs; <see cref="ValueKind.Null"/> where there are none.</summary>
    public ValueKind Kind => Of?.Kind ?? ValueKind.Null;

    /// <summary>What the feature says beside the aggregate's name.</summary>
    public AggregateParameters Parameters { get; init; } = AggregateParameters.None;

    /// <summary>The feature's window.</summary>
    public Window Window { get; init; } = new Window.Unbounded();
}

/// <summary>Why an aggregate cannot do what a feature asks of it.</summary>
/// <param name="Code">A stable kebab-case code.</param>
/// <param name="Key">The feature's key that is at fault, for example <c>k</c>.</param>
/// <param name="Message">What was found and what to write.</param>
public sealed record AggregateIssue(string Code, string Key, string Message);
