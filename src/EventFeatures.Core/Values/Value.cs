using EventFeatures.Core.Time;

namespace EventFeatures.Core.Values;

/// <summary>
/// One value of an event's field or of a feature. Equality is by kind and bits: <c>0.0</c> and <c>-0.0</c>
/// differ, and a NaN equals only a NaN of the same bits, because "bit for bit" is what is promised.
/// </summary>
public readonly struct Value : IEquatable<Value>
{
    private readonly long _bits;
    private readonly object? _reference;

    private Value(ValueKind kind, long bits, object? reference)
    {
        Kind = kind;
        _bits = bits;
        _reference = reference;
    }

    /// <summary>Known to be absent; also the default of this type.</summary>
    public static Value Null => default;

    /// <summary>Which type the value has.</summary>
    public ValueKind Kind { get; }

    /// <summary>Whether the value is absent.</summary>
    public bool IsNull => Kind == ValueKind.Null;

    /// <summary>What a value other than text, a decimal, a list or an object is within its kind.</summary>
    internal long Bits => _bits;

    /// <summary>What those are; null for the others.</summary>
    internal object? Reference => _reference;

    /// <summary>Puts a value together again.</summary>
    internal static Value OfParts(ValueKind kind, long bits, object? reference) => new(kind, bits, reference);

    /// <summary>Makes an integer.</summary>
    public static Value Of(long value) => new(ValueKind.Integer, value, null);

    /// <summary>Makes a number; every bit pattern is kept.</summary>
    public static Value Of(double value) => new(ValueKind.Number, BitConverter.DoubleToInt64Bits(value), null);

    /// <summary>Makes an exact decimal. Its scale is normalised, so that 1.50 and 1.5, or 0 and -0, are the same bits.</summary>
    public static Value Of(decimal value) =>
        new(ValueKind.Decimal, 0, value == 0m ? 0m : value / 1.0000000000000000000000000000m);

    /// <summary>Makes a boolean.</summary>
    public static Value Of(bool value) => new(ValueKind.Boolean, value ? 1 : 0, null);

    /// <summary>Makes a string.</summary>
    public static Value Of(string value) => new(ValueKind.String, 0, value);

    /// <summary>Makes a timestamp.</summary>
    public static Value Of(Instant value) => new(ValueKind.Timestamp, value.Microseconds, null);

    /// <summary>Makes a date.</summary>
    public static Value Of(DateOnly value) => new(ValueKind.Date, value.DayNumber, null);

    /// <summary>Makes a list; the list is not copied and must not change afterwards.</summary>
    public static Value Of(IReadOnlyList<Value> value) => new(ValueKind.Array, 0, value);

    /// <summary>Makes an object, ordered by name; the map is not copied and must not change afterwards.</summary>
    public static Value Of(IReadOnlyDictionary<string, Value> value) => new(ValueKind.Object, 0, value);

    /// <summary>The integer. Meaningful only for <see cref="ValueKind.Integer"/>.</summary>
    public long Integer => _bits;

    /// <summary>The double. Meaningful only for <see cref="ValueKind.Number"/>.</summary>
    public double Number => BitConverter.Int64BitsToDouble(_bits);

    /// <summary>The decimal.</summary>
    public decimal Decimal => (decimal)_reference!;

    /// <summary>The boolean. Meaningful only for <see cref="ValueKind.Boolean"/>.</summary>
    public bool Boolean => _bits != 0;

    /// <summary>The string.</summary>
    public string String => (string)_reference!;

    /// <summary>The instant. Meaningful only for <see cref="ValueKind.Timestamp"/>.</summary>
    public Instant Timestamp => new(_bits);

    /// <summary>The date. Meaningful only for <see cref="ValueKind.Date"/>.</summary>
    public DateOnly Date => DateOnly.FromDayNumber((int)_bits);

    /// <summary>The elements of a list.</summary>
    public IReadOnlyList<Value> Elements => (IReadOnlyList<Value>)_reference!;

    /// <summary>The members of an object.</summary>
    public IReadOnlyDictionary<string, Value> Members => (IReadOnlyDictionary<string, Value>)_reference!;

    /// <inheritdoc/>
    public bool Equals(Value other)
    {
        if (Kind != other.Kind || _bits != other._bits) return false;
        return Kind switch
        {
            ValueKind.Array => Elements.SequenceEqual(other.Elements),
            ValueKind.Object => Members.Count == other.Members.Count
                && Members.All(member => other.Members.TryGetValue(member.Key, out var there) && there.Equals(member.Value)),
            _ => Equals(_reference, other._reference),
        };
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Value other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Kind switch
    {
        ValueKind.Array => HashCode.Combine(Kind, Elements.Count),
        ValueKind.Object => HashCode.Combine(Kind, Members.Count),
        _ => HashCode.Combine(Kind, _bits, _reference),
    };

    /// <summary>The canonical JSON of the value.</summary>
    public override string ToString() => ValueJson.Write(this);

    /// <summary>Bitwise equality.</summary>
    public static bool operator ==(Value left, Value right) => left.Equals(right);

    /// <summary>Bitwise inequality.</summary>
    public static bool operator !=(Value left, Value right) => !left.Equals(right);
}
