using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>Scalars as the names of a map's members, and the one value that stands for all that are told apart by no one.</summary>
internal static class ValueText
{
    /// <summary>The order in which maps and lists of different values are written.</summary>
    public static readonly IComparer<Value> Order = Comparer<Value>.Create((left, right) => ValueOrder.Compare(left, right));

    /// <summary>A string as it is, anything else as in JSON and without quotes.</summary>
    public static string Of(in Value value) => value.Kind == ValueKind.String ? value.String : value.ToString().Trim('"');

    /// <summary>The value that stands for its equals: <c>0.0</c> for both zeros, one NaN for all.</summary>
    public static Value Canonical(in Value value)
    {
        if (value.Kind != ValueKind.Number) return value;
        if (value.Number == 0) return Value.Of(0.0);
        return double.IsNaN(value.Number) ? Value.Of(double.NaN) : value;
    }
}
