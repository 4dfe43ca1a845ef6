using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.FeatureViews.Sums;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>A fold whose result is computed from exact sums.</summary>
internal sealed class SumsFold(NumericSums sums, Func<NumericSums, Value> finish) : Accumulator
{
    /// <summary>Whether inputs of a shape are numbers.</summary>
    public static bool Takes(ValueShape? input) => input?.Kind is ValueKind.Integer or ValueKind.Decimal or ValueKind.Number;

    /// <summary>A measure of the sums' shape: null over none and where it is not defined, NaN if an input was not finite.</summary>
    public static Value Measure(NumericSums sums, Func<PowerSums, double?> measure)
    {
        if (sums.Count == 0) return Value.Null;
        if (sums.Powers() is not { } powers) return Value.Of(double.NaN);
        return measure(powers) is { } measured ? Value.Of(measured) : Value.Null;
    }

    public override void Add(in Value input, Place place) => sums.Add(input);

    public override void Merge(Accumulator other) => sums.Add(((SumsFold)other).Sums);

    public override Value Finish(Instant asOf) => finish(sums);

    public override void Clear() => sums.Clear();

    public override void Write(StateWriter writer) => sums.Write(writer);

    public override void Read(ref StateReader reader) => sums.Read(ref reader);

    private NumericSums Sums => sums;
}
