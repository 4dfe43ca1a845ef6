using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>approx_histogram</c>: how the non-null inputs, as numbers, spread over at most <c>bins</c> bins (32 unless said
/// otherwise, 2 to 1,000): a list of objects, least first, with the <c>min</c> and <c>max</c> of the inputs in the bin
/// and their <c>count</c>. Bins do not overlap, and while there are no more different inputs than bins, each has its own.
/// Else a bin holds the inputs that share their upper bits, as many of these as <c>bins</c> allows: for positive inputs
/// whose sizes span <c>k</c> powers of two, <c>max - min</c> of a bin is less than <c>2 k / (bins - 1)</c> of <c>min</c>.
/// <c>count</c>, <c>min</c> and <c>max</c> are exact. Empty over none.
/// </summary>
internal sealed class ApproximateHistogram : Aggregate
{
    private const int BinsDefault = 32, BinsMax = 1_000;

    private static readonly ValueShape Bin = new(ValueKind.Object)
    {
        Members = new Dictionary<string, ValueShape> { ["min"] = ValueKind.Number, ["max"] = ValueKind.Number, ["count"] = ValueKind.Integer },
    };

    public override string Name => "approx_histogram";

    public override string Accepts => "an integer, number or decimal";

    public override IReadOnlyList<string> Parameters => ["bins"];

    public override ValueShape? Result(ValueShape? input) => SumsFold.Takes(input) ? ValueShape.ListOf(Bin) : null;

    public override IEnumerable<AggregateIssue> Check(AggregateInput input)
    {
        if (input.Parameters.Bins is { } bins and (< 2 or > BinsMax))
            yield return ParameterRules.Invalid("bins", $"a whole number from 2 to {BinsMax}", bins);
    }

    public override Accumulator Start(AggregateInput input) => new Fold((int)(input.Parameters.Bins ?? BinsDefault));

    private sealed class Fold(int bins) : Accumulator
    {
        private readonly NumberBuckets _buckets = new(bins, keepsEnds: true);

        public override void Add(in Value input, Place place) => _buckets.Add(ExactFraction.ToNumber(input));

        public override void Merge(Accumulator other) => _buckets.Add(((Fold)other)._buckets);

        public override Value Finish(Instant asOf) => Value.Of([.. _buckets.InOrder.Select(one => Value.Of(new Dictionary<string, Value>
        {
            ["min"] = Value.Of(OrderedBits.ToNumber(one.Bucket.Least)),
            ["max"] = Value.Of(OrderedBits.ToNumber(one.Bucket.Greatest)),
            ["count"] = Value.Of(one.Bucket.Count),
        }))]);

        public override void Clear() => _buckets.Clear();

        public override void Write(StateWriter writer) => _buckets.Write(writer);

        public override void Read(ref StateReader reader) => _buckets.Read(ref reader);
    }
}
