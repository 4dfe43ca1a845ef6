using System.Numerics;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// Estimates how many different values were added, with a standard error of 1.04 / sqrt(2^14) = 0.81 %.
/// The hash is seeded with a constant and the estimator uses only +, -, *, / and square roots, so the estimate has
/// the same bits on every machine.
/// </summary>
/// <remarks>
/// Source: P. Flajolet et al., HyperLogLog, 2007; estimator: O. Ertl, New cardinality estimation algorithms for
/// HyperLogLog sketches, 2017, algorithm 6.
/// </remarks>
internal sealed class HyperLogLog
{
    private const int IndexBits = 14;
    private const int RankMax = 64 - IndexBits + 1;

    // 1 / (2 ln 2), the limit of the bias correction.
    private const double Alpha = 0.72134752044448170367996234050094687;

    private readonly byte[] _ranks = new byte[1 << IndexBits];

    public void Add(in Value value)
    {
        var hash = ValueHash.Of(value);
        var index = hash >> (64 - IndexBits);
        var rank = Math.Min(BitOperations.LeadingZeroCount(hash << IndexBits) + 1, RankMax);
        if (_ranks[index] < rank) _ranks[index] = (byte)rank;
    }

    public void Merge(HyperLogLog other)
    {
        for (var i = 0; i < _ranks.Length; i++) _ranks[i] = Math.Max(_ranks[i], other._ranks[i]);
    }

    public long Estimate()
    {
        Span<int> histogram = stackalloc int[RankMax + 1];
        histogram.Clear();
        foreach (var rank in _ranks) histogram[rank]++;
        double registers = _ranks.Length;
        var z = registers * Tau(1 - histogram[RankMax] / registers);
        for (var rank = RankMax - 1; rank >= 1; rank--) z = 0.5 * (z + histogram[rank]);
        z += registers * Sigma(histogram[0] / registers);
        return (long)Math.Round(Alpha * registers * registers / z);
    }

    public void Write(StateWriter writer) => writer.WriteRaw(_ranks);

    public void Read(ref StateReader reader)
    {
        reader.ReadRaw(_ranks.Length).CopyTo(_ranks);
        if (_ranks.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)RankMax)) throw new StateCorruptException("A register is out of range.");
    }

    // sigma(x) = x + sum over k >= 1 of x^(2^k) 2^(k-1): the registers that are still empty.
    private static double Sigma(double x)
    {
        if (x == 1) return double.PositiveInfinity;
        var (y, z, before) = (1.0, x, double.NaN);
        while (z != before)
        {
            before = z;
            x *= x;
            z += x * y;
            y += y;
        }
        return z;
    }

    // tau(x) = (1 - x - sum over k >= 1 of (1 - x^(2^-k))^2 2^-k) / 3: the registers that are full.
    private static double Tau(double x)
    {
        if (x is 0 or 1) return 0;
        var (y, z, before) = (1.0, 1 - x, double.NaN);
        while (z != before)
        {
            before = z;
            x = Math.Sqrt(x);
            y *= 0.5;
            z -= (1 - x) * (1 - x) * y;
        }
        return z / 3;
    }
}
