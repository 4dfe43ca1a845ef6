using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>seconds_since_last</c>: from the window's last event (with <c>of</c>: the last with a non-null input) to the
/// as-of instant, in seconds, as the nearest number. Null over none.
/// </summary>
internal sealed class SecondsSinceLast : Aggregate
{
    public override string Name => "seconds_since_last";

    public override bool NeedsInput => false;

    public override string Accepts => "nothing, or any field or expression";

    public override ValueShape? Result(ValueShape? input) => ValueKind.Number;

    public override Accumulator Start(AggregateInput input) => new Fold();

    private sealed class Fold() : EdgeFold(1)
    {
        // The input itself does not matter and must not make equal folds differ.
        public override void Add(in Value input, Place place) => base.Add(Value.Null, place);

        public override Value Finish(Instant asOf) => OccurredAt is { } last
            ? Value.Of(ExactRatio.ToDouble((asOf - last).Microseconds, 1_000_000))
            : Value.Null;
    }
}
