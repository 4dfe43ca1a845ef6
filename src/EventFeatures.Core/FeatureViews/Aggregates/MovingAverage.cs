using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>ewma</c>: the mean of the non-null inputs, each weighted with <c>2^(-age / half_life)</c>, where the age is the time
/// from its event to any one instant: <c>sum w x / sum w</c>, a number. Integers and decimals are taken as the nearest
/// numbers. Null over none; NaN or infinite where inputs are not finite.
/// </summary>
/// <remarks>
/// As pandas' <c>ewm(halflife=..., times=...).mean()</c>. Half-lives are counted from the Unix epoch; weights are powers
/// of two to 63 binary places, sums are exact and rounded once. An input that lies 64 half-lives or more before that of
/// the newest one weighs less than 2^-63 of it and does not count: else a state would grow with its age.
/// </remarks>
internal sealed class MovingAverage : Aggregate
{
    public override string Name => "ewma";

    public override bool IsOfTimes => true;

    public override string Accepts => "an integer, number or decimal";

    public override IReadOnlyList<string> Parameters => ["half_life"];

    public override ValueShape? Result(ValueShape? input) => SumsFold.Takes(input) ? ValueKind.Number : null;

    public override IEnumerable<AggregateIssue> Check(AggregateInput input)
    {
        if (input.Parameters.HalfLife is not { } halfLife) yield return ParameterRules.Missing(Name, "half_life", "1d");
        else if (halfLife.Microseconds <= 0) yield return ParameterRules.Invalid("half_life", "a duration of more than zero", halfLife);
    }

    public override Accumulator Start(AggregateInput input) => new DecayedFold(input.Parameters.HalfLife!.Value);
}
