using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Sums;

/// <summary>
/// Count, sum and, if asked for, sums of higher powers of numbers, all exact; what is asked of them is rounded once.
/// Their order and grouping therefore never change a bit.
/// </summary>
internal abstract class NumericSums
{
    /// <summary>How many numbers were added.</summary>
    public long Count { get; protected set; }

    /// <summary>Sums for inputs of a numeric kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="powers">Up to which power sums are kept, from 1 to 4.</param>
    public static NumericSums For(ValueKind kind, int powers = 1) =>
        kind == ValueKind.Number ? new BinarySums(powers) : new ScaledSums(powers);

    /// <summary>Adds a number of the kind that the sums were made for.</summary>
    public abstract void Add(in Value number);

    /// <summary>Adds other sums of the same sort.</summary>
    public abstract void Add(NumericSums other);

    /// <summary>Forgets everything.</summary>
    public abstract void Clear();

    /// <summary>The sum: a number for numbers, a decimal for integers and decimals.</summary>
    public abstract Value Sum();

    /// <summary>The sum over the count, rounded once. At least one number was added.</summary>
    public abstract double Mean();

    /// <summary>The sum over seconds given in microseconds, rounded once.</summary>
    public abstract double PerSecond(long microseconds);

    /// <summary>The sums themselves; null if a number was not finite. At least one number was added.</summary>
    public abstract PowerSums? Powers();

    /// <summary>Writes the sums in their one spelling.</summary>
    public abstract void Write(StateWriter writer);

    /// <summary>Reads into empty sums what <see cref="Write"/> wrote.</summary>
    public abstract void Read(ref StateReader reader);
}
