using EventFeatures.Core.FeatureViews.Sums;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>rate</c>: how many events a second, <c>n / W</c>, or with <c>of</c> how much a second, <c>sum / W</c>, over a window
/// whose length is <c>W</c> seconds whether or not it is full; a number, computed exactly and rounded once. Null over
/// none. Windows of no fixed length, such as a calendar's days, are refused.
/// </summary>
internal sealed class Rate : Aggregate
{
    public override string Name => "rate";

    public override bool NeedsInput => false;

    public override bool DependsOnWindow => true;

    public override string Accepts => "nothing, or an integer, number or decimal";

    public override ValueShape? Result(ValueShape? input) =>
        input is null || input.Kind == ValueKind.Null || SumsFold.Takes(input) ? ValueKind.Number : null;

    public override IEnumerable<AggregateIssue> Check(AggregateInput input)
    {
        if (LengthOf(input.Window) is null)
            yield return new AggregateIssue("window-unsupported", "window", "Aggregate 'rate' is per second of the window's length and needs a window that has one, for example window: 1h. Elsewhere divide a count or sum by seconds_since_first.");
    }

    public override Accumulator Start(AggregateInput input)
    {
        var length = LengthOf(input.Window)!.Value.Microseconds;
        var sums = new SumsFold(NumericSums.For(input.Of is null ? ValueKind.Integer : input.Kind), sums => sums.Count == 0 ? Value.Null : Value.Of(sums.PerSecond(length)));
        return input.Of is null ? new OnesFold(sums) : sums;
    }

    private static Duration? LengthOf(Window window) => window switch
    {
        Window.Sliding sliding => sliding.Length,
        Window.Tumbling tumbling => tumbling.Length,
        Window.Hopping hopping => hopping.Length,
        _ => null,
    };
}
