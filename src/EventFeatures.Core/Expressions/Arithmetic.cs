using System.Numerics;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Expressions;

/// <summary>
/// <c>+ - * %</c> give the kind in which their operands meet; <c>/</c> gives a number, the exact quotient of its
/// operands rounded once. Division by zero is null. Past the range of integers or decimals, or where finite numbers
/// give an infinite one, evaluation fails with an overflow; it never wraps.
/// </summary>
internal static class Arithmetic
{
    public static Typed Apply(string sign, Typed left, Typed right, int column)
    {
        if (left.Kind == ValueKind.Null || right.Kind == ValueKind.Null) return Typed.Of(Value.Null, null, column);
        if (!left.IsNumeric || !right.IsNumeric)
            throw new ExpressionException($"'{sign}' needs numbers and has {Typed.Name(left.Kind)} and {Typed.Name(right.Kind)}.", column);
        var kind = Typed.Common(left, right)!.Value;
        var (a, b) = (left.As(kind).Run, right.As(kind).Run);
        var both = sign == "/" ? Quotient(kind) : Operation(sign, kind);
        return new Typed(sign == "/" ? ValueKind.Number : kind, fields =>
        {
            var x = a(fields);
            if (x.IsNull) return Value.Null;
            var y = b(fields);
            return y.IsNull ? Value.Null : both(x, y);
        }, column);
    }

    public static Typed Negate(Typed operand, int column)
    {
        if (operand.Kind == ValueKind.Null) return operand;
        var run = operand.Run;
        Func<Value, Value> negate = operand.Kind switch
        {
            ValueKind.Integer => value => Value.Of(checked(-value.Integer)),
            ValueKind.Decimal => value => Value.Of(-value.Decimal),
            ValueKind.Number => value => Value.Of(-value.Number),
            _ => throw new ExpressionException($"'-' needs a number and has {Typed.Name(operand.Kind)}.", column),
        };
        if (operand.Constant is { } constant) return Typed.Of(negate(constant), operand.Text is not { } text ? null : text[0] == '-' ? text[1..] : "-" + text, column);
        return new Typed(operand.Kind, fields => run(fields) is { IsNull: false } value ? negate(value) : Value.Null, column);
    }

    /// <summary>Refuses an infinity that finite operands gave.</summary>
    public static double Checked(double result, double left, double right = 0) =>
        double.IsFinite(result) || !double.IsFinite(left) || !double.IsFinite(right)
            ? result
            : throw new OverflowException($"{left:R} and {right:R} give a number beyond 1.797e308.");

    private static Func<Value, Value, Value> Operation(string sign, ValueKind kind) => (sign, kind) switch
    {
        ("+", ValueKind.Integer) => (x, y) => Value.Of(checked(x.Integer + y.Integer)),
        ("-", ValueKind.Integer) => (x, y) => Value.Of(checked(x.Integer - y.Integer)),
        ("*", ValueKind.Integer) => (x, y) => Value.Of(checked(x.Integer * y.Integer)),
        // The processor traps on the least integer modulo -1, which is plainly 0.
        ("%", ValueKind.Integer) => (x, y) => y.Integer == 0 ? Value.Null : Value.Of(y.Integer == -1 ? 0 : x.Integer % y.Integer),
        ("+", ValueKind.Decimal) => (x, y) => Value.Of(x.Decimal + y.Decimal),
        ("-", ValueKind.Decimal) => (x, y) => Value.Of(x.Decimal - y.Decimal),
        ("*", ValueKind.Decimal) => (x, y) => Value.Of(x.Decimal * y.Decimal),
        ("%", ValueKind.Decimal) => (x, y) => y.Decimal == 0 ? Value.Null : Value.Of(x.Decimal % y.Decimal),
        ("+", _) => (x, y) => Value.Of(Checked(x.Number + y.Number, x.Number, y.Number)),
        ("-", _) => (x, y) => Value.Of(Checked(x.Number - y.Number, x.Number, y.Number)),
        ("*", _) => (x, y) => Value.Of(Checked(x.Number * y.Number, x.Number, y.Number)),
        ("%", _) => (x, y) => y.Number == 0 ? Value.Null : Value.Of(x.Number % y.Number),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static Func<Value, Value, Value> Quotient(ValueKind kind) => kind switch
    {
        ValueKind.Integer => (x, y) => y.Integer == 0 ? Value.Null : Value.Of(Ratio(x.Integer, y.Integer)),
        ValueKind.Decimal => (x, y) => y.Decimal == 0 ? Value.Null : Value.Of(Ratio(x.Decimal, y.Decimal)),
        _ => (x, y) => y.Number == 0 ? Value.Null : Value.Of(Checked(x.Number / y.Number, x.Number, y.Number)),
    };

    private static double Ratio(long left, long right)
    {
        const long ExactMax = 1L << 53;
        if (left is >= -ExactMax and <= ExactMax && right is >= -ExactMax and <= ExactMax) return Positive((double)left / right);
        return ExactRatio.ToDouble(right < 0 ? -(BigInteger)left : left, BigInteger.Abs(right));
    }

    private static double Ratio(decimal left, decimal right)
    {
        var numerator = (BigInteger)DecimalMantissa.Of(left, out var leftScale);
        var denominator = (BigInteger)DecimalMantissa.Of(right, out var rightScale);
        if (leftScale < rightScale) numerator *= BigInteger.Pow(10, rightScale - leftScale);
        else denominator *= BigInteger.Pow(10, leftScale - rightScale);
        return ExactRatio.ToDouble(denominator.Sign < 0 ? -numerator : numerator, BigInteger.Abs(denominator));
    }

    // 0 / -1 is a plain zero over the integers.
    private static double Positive(double quotient) => quotient == 0 ? 0.0 : quotient;
}
