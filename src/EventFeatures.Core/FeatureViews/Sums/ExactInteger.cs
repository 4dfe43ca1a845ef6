using System.Numerics;

namespace EventFeatures.Core.FeatureViews.Sums;

/// <summary>A whole number that never overflows: 128 bits while they do, more when they do not.</summary>
internal struct ExactInteger
{
    private Int128 _small;
    private BigInteger _large;

    /// <summary>The value.</summary>
    public readonly BigInteger Value => _large.IsZero ? _small : _large + _small;

    /// <summary>Whether it is zero without having to add the parts up.</summary>
    public readonly bool IsTriviallyZero => _small == 0 && _large.IsZero;

    /// <summary>Adds a number.</summary>
    public void Add(Int128 number)
    {
        var sum = _small + number;
        // Two's complement overflowed iff both operands have the sign that the sum has not.
        if (((sum ^ _small) & (sum ^ number)) < 0)
        {
            _large += _small;
            _large += number;
            _small = 0;
        }
        else _small = sum;
    }

    /// <summary>Adds a number of any size.</summary>
    public void Add(BigInteger number) => _large += number;

    /// <summary>Multiplies by a factor.</summary>
    public void Multiply(BigInteger factor)
    {
        if (IsTriviallyZero) return;
        _large = Value * factor;
        _small = 0;
    }
}
