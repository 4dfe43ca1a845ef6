using System.Globalization;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Expressions;

/// <summary>Evaluates one node of an expression over the fields of a row.</summary>
internal delegate Value Evaluator(ReadOnlySpan<Value> fields);

/// <summary>A node whose type is known. Every evaluator gives a value of that shape, or null.</summary>
internal sealed record Typed(ValueShape Shape, Evaluator Run, int Column)
{
    public ValueKind Kind => Shape.Kind;

    /// <summary>The constant, where the node is one.</summary>
    public Value? Constant { get; init; }

    /// <summary>A numeric constant's text.</summary>
    public string? Text { get; init; }

    public bool IsNumeric => Rank(Kind) > 0;

    public static Typed Of(Value constant, string? text, int column) =>
        new(constant.Kind, _ => constant, column) { Constant = constant, Text = text };

    /// <summary>
    /// The kind in which two nodes meet: integer, then decimal, then number; a text constant beside a timestamp or
    /// date is read as one; null fits anything. Null when there is none.
    /// </summary>
    public static ValueKind? Common(Typed left, Typed right)
    {
        if (left.Kind == right.Kind || right.Kind == ValueKind.Null) return left.Kind;
        if (left.Kind == ValueKind.Null) return right.Kind;
        if (left.IsNumeric && right.IsNumeric) return Rank(left.Kind) > Rank(right.Kind) ? left.Kind : right.Kind;
        if (IsTime(left.Kind) && right is { Kind: ValueKind.String, Constant: not null }) return left.Kind;
        if (IsTime(right.Kind) && left is { Kind: ValueKind.String, Constant: not null }) return right.Kind;
        return null;
    }

    /// <summary>The node in a kind that <see cref="Common"/> named.</summary>
    public Typed As(ValueKind kind)
    {
        if (Kind == kind) return this;
        if (Kind == ValueKind.Null) return new Typed(kind, _ => Value.Null, Column);
        if (Constant is { } constant) return Of(Convert(constant, kind), Text, Column);
        var (run, convert) = (Run, Conversion(Kind, kind));
        return new Typed(kind, fields => run(fields) is { IsNull: false } value ? convert(value) : Value.Null, Column);
    }

    /// <summary>How non-null values of one kind become those of another that <see cref="Common"/> named.</summary>
    public static Func<Value, Value> Conversion(ValueKind from, ValueKind to) => (from, to) switch
    {
        _ when from == to => value => value,
        (ValueKind.Integer, ValueKind.Number) => value => Value.Of((double)value.Integer),
        (ValueKind.Integer, ValueKind.Decimal) => value => Value.Of((decimal)value.Integer),
        (ValueKind.Decimal, ValueKind.Number) => value => Value.Of(ExactDecimal.ToDouble(value.Decimal)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>The kind's name in messages.</summary>
    public static string Name(ValueKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>A shape in messages, with its article.</summary>
    public static string Describe(ValueShape shape) => shape switch
    {
        { Kind: ValueKind.Array, Element: { } element } => $"a list of type {Name(element.Kind)}",
        { Kind: ValueKind.Array } => "a list whose items have no declared type",
        { Kind: ValueKind.Null } => "always null",
        _ => $"a value of type {Name(shape.Kind)}",
    };

    private Value Convert(Value constant, ValueKind kind)
    {
        if (kind == ValueKind.Number)
            return Value.Of(Text is not null ? double.Parse(Text, NumberStyles.Float, CultureInfo.InvariantCulture)
                : constant.Kind == ValueKind.Integer ? constant.Integer : ExactDecimal.ToDouble(constant.Decimal));
        if (kind == ValueKind.Decimal) return Value.Of((decimal)constant.Integer);
        if (kind == ValueKind.Timestamp)
            return Instant.TryParse(constant.String, out var instant) ? Value.Of(instant)
                : throw new ExpressionException($"'{constant.String}' is no timestamp. Write it as 2026-01-31T12:00:00Z.", Column);
        return DateOnly.TryParseExact(constant.String, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? Value.Of(date)
            : throw new ExpressionException($"'{constant.String}' is no date. Write it as 2026-01-31.", Column);
    }

    private static int Rank(ValueKind kind) => kind switch
    {
        ValueKind.Integer => 1,
        ValueKind.Decimal => 2,
        ValueKind.Number => 3,
        _ => 0,
    };

    private static bool IsTime(ValueKind kind) => kind is ValueKind.Timestamp or ValueKind.Date;
}
