namespace EventFeatures.Core.Values;

/// <summary>
/// The total order of values of one kind: numbers by value with <c>-0.0</c> before <c>0.0</c> and NaN after
/// everything, strings by code unit, <see langword="false"/> before <see langword="true"/>.
/// </summary>
public static class ValueOrder
{
    /// <summary>Whether values of a kind have an order.</summary>
    public static bool Covers(ValueKind kind) => kind is ValueKind.Integer or ValueKind.Number or ValueKind.Decimal
        or ValueKind.Boolean or ValueKind.String or ValueKind.Timestamp or ValueKind.Date;

    /// <summary>Compares two values of the same kind, neither of them null.</summary>
    /// <exception cref="ArgumentException">The kinds differ or have no order.</exception>
    public static int Compare(in Value left, in Value right)
    {
        if (left.Kind != right.Kind) throw new ArgumentException($"Cannot compare {left.Kind} with {right.Kind}.");
        return left.Kind switch
        {
            ValueKind.Integer => left.Integer.CompareTo(right.Integer),
            ValueKind.Number => Compare(left.Number, right.Number),
            ValueKind.Decimal => left.Decimal.CompareTo(right.Decimal),
            ValueKind.Boolean => left.Boolean.CompareTo(right.Boolean),
            ValueKind.String => string.CompareOrdinal(left.String, right.String),
            ValueKind.Timestamp => left.Timestamp.CompareTo(right.Timestamp),
            ValueKind.Date => left.Date.CompareTo(right.Date),
            _ => throw new ArgumentException($"Values of kind {left.Kind} have no order."),
        };
    }

    private static int Compare(double left, double right)
    {
        if (left < right) return -1;
        if (left > right) return 1;
        if (double.IsNaN(left) || double.IsNaN(right)) return double.IsNaN(left).CompareTo(double.IsNaN(right));
        // Equal: only the two zeros can still differ.
        return left == 0 ? double.IsNegative(right).CompareTo(double.IsNegative(left)) : 0;
    }
}
