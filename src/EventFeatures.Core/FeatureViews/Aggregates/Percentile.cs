using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>percentile</c>: the value below which the share <c>percentile</c> (0 to 1) of the non-null inputs lies, by linear
/// interpolation: with the inputs in order from <c>x_0</c> and <c>r = percentile (n - 1)</c>, it is
/// <c>x_floor(r) + (r - floor(r)) (x_floor(r)+1 - x_floor(r))</c>. <c>median</c> is the percentile 0.5. A number; null over
/// none. NaN is greater than every number.
/// </summary>
/// <remarks>
/// SQL's <c>percentile_cont</c>. Exact, and rounded once, for up to 2,048 different inputs, however often each occurs.
/// Over more it is a sketch of 2,048 buckets of numbers that share their upper bits, and each <c>x</c> above is the middle
/// of the bucket that holds it, the least and greatest input excepted, which are exact. It is off by less than
/// <c>k / 2,045</c> of itself, where the sizes of the inputs span <c>k</c> powers of two, those of negative and of positive
/// ones taken together: 0.5 % over three decades, 1 % over six. Sizes below 1e-307 may be taken for zero.
/// </remarks>
internal sealed class Percentile(bool isMedian) : Aggregate
{
    public override string Name => isMedian ? "median" : "percentile";

    public override string Accepts => "an integer, number or decimal";

    public override IReadOnlyList<string> Parameters => isMedian ? [] : ["percentile"];

    public override ValueShape? Result(ValueShape? input) => SumsFold.Takes(input) ? ValueKind.Number : null;

    public override IEnumerable<AggregateIssue> Check(AggregateInput input)
    {
        if (isMedian) yield break;
        if (input.Parameters.Percentile is not { } share) yield return ParameterRules.Missing(Name, "percentile", "0.95");
        else if (share is < 0 or > 1) yield return ParameterRules.Invalid("percentile", "a share from 0 to 1, for example 0.95", share);
    }

    public override Accumulator Start(AggregateInput input) => new RankFold(isMedian ? 0.5m : input.Parameters.Percentile!.Value);
}
