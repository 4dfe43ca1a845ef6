using System.Numerics;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>entropy</c>: how evenly the non-null inputs spread over their different values, in bits:
/// <c>H = - sum p log2 p</c> with <c>p = c / n</c> for each value's count <c>c</c>, a number; 0 where all are equal. Null over
/// none, and over more than <c>max_values</c> different ones. Computed as <c>(n log2 n - sum c log2 c) / n</c> from
/// logarithms to 110 binary places, and rounded once: the bits are the same on every machine.
/// </summary>
/// <remarks>Source: C. E. Shannon, A mathematical theory of communication, 1948.</remarks>
internal sealed class Entropy : FrequencyAggregate
{
    public override string Name => "entropy";

    protected override ValueShape ResultOver(ValueShape input) => ValueKind.Number;

    protected override Value Finish(IReadOnlyDictionary<Value, long> counts, AggregateParameters parameters)
    {
        if (counts.Count == 0) return Value.Null;
        BigInteger total = 0, weighted = 0;
        // Equal counts have equal logarithms; most counts are small and shared by many values.
        foreach (var same in counts.Values.GroupBy(count => count))
        {
            var inputs = same.Key * (BigInteger)same.Count();
            total += inputs;
            weighted += inputs * BinaryLogarithm.Of((ulong)same.Key);
        }
        var information = total * BinaryLogarithm.Of((ulong)total) - weighted;
        return Value.Of(ExactRatio.ToDouble(information, total, -BinaryLogarithm.Places));
    }
}
