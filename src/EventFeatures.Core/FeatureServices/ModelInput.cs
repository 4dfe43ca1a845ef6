using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureServices;

/// <summary>
/// How a value becomes the float32 that a model reads. Null is NaN. Numbers and integers round to the nearest float,
/// halves to even; decimals go through the nearest double first; false and true are 0 and 1. A timestamp is seconds
/// and a date days since the Unix epoch, which a float holds to about two minutes only: a duration is the better
/// feature. Text, lists and maps have no place on a model's number line and are refused when the service is compiled.
/// </summary>
public static class ModelInput
{
    /// <summary>Whether values of this type can be a model's input.</summary>
    public static bool Accepts(ValueKind kind) =>
        kind is ValueKind.Null or ValueKind.Integer or ValueKind.Number or ValueKind.Decimal or ValueKind.Boolean or ValueKind.Timestamp or ValueKind.Date;

    /// <summary>The float32 of each value.</summary>
    /// <exception cref="ArgumentException">A value's type is not accepted.</exception>
    public static float[] Of(IReadOnlyList<Value> values)
    {
        var input = new float[values.Count];
        for (var i = 0; i < input.Length; i++) input[i] = Of(values[i]);
        return input;
    }

    /// <summary>The float32 of a value.</summary>
    /// <exception cref="ArgumentException">The value's type is not accepted.</exception>
    public static float Of(in Value value) => value.Kind switch
    {
        ValueKind.Null => float.NaN,
        ValueKind.Integer => value.Integer,
        ValueKind.Number => (float)value.Number,
        ValueKind.Decimal => (float)ExactDecimal.ToDouble(value.Decimal),
        ValueKind.Boolean => value.Boolean ? 1f : 0f,
        ValueKind.Timestamp => (float)(value.Timestamp.Microseconds / 1e6),
        ValueKind.Date => value.Date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber,
        _ => throw new ArgumentException($"A value of type {value.Kind} cannot be a model's input.", nameof(value)),
    };
}
