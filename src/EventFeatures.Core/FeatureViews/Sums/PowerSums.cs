using System.Numerics;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Sums;

/// <summary>
/// The exact sums <c>S1..S4</c> of the powers of <c>n</c> numbers, in whole units: the sum of the k-th powers is
/// <c>Sk (2^Exponent / 10^Scale)^k</c>. What is asked of them is rounded once.
/// </summary>
/// <param name="Count">How many numbers; at least one.</param>
/// <param name="Sums"><c>S1</c> and as many more as were kept.</param>
/// <param name="Exponent">The unit's power of two.</param>
/// <param name="Scale">The unit's power of ten, downwards.</param>
internal readonly record struct PowerSums(BigInteger Count, BigInteger[] Sums, int Exponent, int Scale)
{
    /// <summary><c>(n S2 - S1^2) / n^2</c> or, of a sample, <c>/ (n (n - 1))</c>, which needs at least two numbers.</summary>
    public double Variance(bool ofSample) =>
        ExactRatio.ToDouble(Spread, Count * (ofSample ? Count - 1 : Count) * BigInteger.Pow(10, 2 * Scale), 2 * Exponent);

    /// <summary>
    /// <c>g1 = A3 / A2^(3/2)</c> or, of a sample, <c>G1 = g1 sqrt(n (n - 1)) / (n - 2)</c>; null where it is not defined.
    /// </summary>
    public double? Skewness(bool ofSample)
    {
        if (Spread.IsZero || (ofSample && Count < 3)) return null;
        var (n, spread) = (Count, Spread);
        var third = n * n * Sums[2] - 3 * n * Sums[0] * Sums[1] + 2 * BigInteger.Pow(Sums[0], 3);
        var (above, below) = (third * third, BigInteger.Pow(spread, 3));
        if (ofSample) (above, below) = (above * n * (n - 1), below * (n - 2) * (n - 2));
        return third.Sign * ExactRatio.SquareRoot(above, below);
    }

    /// <summary>
    /// <c>g2 = A4 / A2^2 - 3</c> or, of a sample, <c>G2 = (n - 1) ((n + 1) g2 + 6) / ((n - 2) (n - 3))</c>; null where it
    /// is not defined.
    /// </summary>
    public double? Kurtosis(bool ofSample)
    {
        if (Spread.IsZero || (ofSample && Count < 4)) return null;
        var (n, s1) = (Count, Sums[0]);
        var square = Spread * Spread;
        var fourth = n * n * n * Sums[3] - 4 * n * n * s1 * Sums[2] + 6 * n * s1 * s1 * Sums[1] - 3 * BigInteger.Pow(s1, 4);
        var excess = fourth - 3 * square;
        return ofSample
            ? ExactRatio.ToDouble((n - 1) * ((n + 1) * excess + 6 * square), (n - 2) * (n - 3) * square)
            : ExactRatio.ToDouble(excess, square);
    }

    // A2 = n S2 - S1^2, which is n times the sum of the squared distances from the mean.
    private BigInteger Spread => Count * Sums[1] - Sums[0] * Sums[0];
}
