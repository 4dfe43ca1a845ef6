using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Sums;

/// <summary>
/// Count, sum and, if asked for, sum of squares of numbers, all exact; what is asked of them is rounded once.
/// Their order and grouping therefore never change a bit.
/// </summary>
internal abstract class NumericSums
{
    /// <summary>How many numbers were added.</summary>
    public long Count { get; protected set; }

    /// <summary>Sums for inputs of a numeric kind.</summary>
    public static NumericSums For(ValueKind kind, bool squares) =>
        kind == ValueKind.Number ? new BinarySums(squares) : new ScaledSums(squares);

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

    /// <summary>The sample variance, <c>(n Sxx - Sx^2) / (n (n - 1))</c>, rounded once. At least two numbers were added.</summary>
    public abstract double SampleVariance();

    /// <summary>Writes the sums in their one spelling.</summary>
    public abstract void Write(StateWriter writer);

    /// <summary>Reads into empty sums what <see cref="Write"/> wrote.</summary>
    public abstract void Read(ref StateReader reader);
}
