using EventFeatures.Core.FeatureViews.Runs;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>seconds_since_last</c> and <c>seconds_since_first</c>: from the window's last or first event (with <c>of</c>: the
/// last or first with a non-null input) to the as-of instant, in seconds, as the nearest number. Null over none.
/// </summary>
internal sealed class SecondsSince(int sign) : Aggregate
{
    public override string Name => sign > 0 ? "seconds_since_last" : "seconds_since_first";

    public override bool NeedsInput => false;

    public override bool DependsOnAsOf => true;

    public override bool IsOfTimes => true;

    internal override FoldedRows Folded => sign > 0 ? FoldedRows.Newest : FoldedRows.Oldest;

    public override string Accepts => "nothing, or any field or expression";

    public override ValueShape? Result(ValueShape? input) => ValueKind.Number;

    internal override RunFold? Tabulate(AggregateInput input, InputRun inputs) => new SecondsRun(inputs, sign);

    public override Accumulator Start(AggregateInput input) => new Fold(sign);

    /// <summary>The seconds between two instants, as the nearest number.</summary>
    public static Value Seconds(Instant from, Instant until) => Value.Of(ExactRatio.OfDecimal((until - from).Microseconds, 1, scale: 6));

    private sealed class Fold(int sign) : EdgeFold(sign)
    {
        // The input itself does not matter and must not make equal folds differ.
        public override void Add(in Value input, Place place) => base.Add(Value.Null, place);

        public override Value Finish(Instant asOf) => OccurredAt is { } edge ? Seconds(edge, asOf) : Value.Null;
    }
}
