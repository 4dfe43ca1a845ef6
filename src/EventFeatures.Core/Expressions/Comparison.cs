using EventFeatures.Core.Values;

namespace EventFeatures.Core.Expressions;

/// <summary>
/// Comparisons in the kind in which the operands meet, with SQL's three values: null on either side gives null.
/// Numbers compare as IEEE 754 has it: <c>-0.0 == 0.0</c>, and nothing equals NaN. Strings compare by code unit.
/// </summary>
internal static class Comparison
{
    public static Typed Apply(string sign, Typed left, Typed right, int column)
    {
        if (left.Constant is { IsNull: true } || right.Constant is { IsNull: true })
            throw new ExpressionException($"'{sign} null' is never true; write 'is null' or 'is not null'.", column);
        var kind = Meet(sign, left, right, column);
        if (kind == ValueKind.Boolean && sign is not ("==" or "!="))
            throw new ExpressionException($"'{sign}' does not order booleans; use '==' or '!='.", column);
        var (a, b, holds) = (left.As(kind).Run, right.As(kind).Run, Test(sign, kind));
        return new Typed(ValueKind.Boolean, fields =>
        {
            var x = a(fields);
            if (x.IsNull) return Value.Null;
            var y = b(fields);
            return y.IsNull ? Value.Null : Value.Of(holds(x, y));
        }, column);
    }

    /// <summary>
    /// <c>item in (…)</c>: true if one option equals it; else null if it or an option is null; else false.
    /// </summary>
    public static Typed In(Typed item, IReadOnlyList<Typed> options, bool negated, int column)
    {
        if (options.Count == 0) throw new ExpressionException("'in ()' has no options.", column);
        var tests = options.Select(option =>
        {
            var kind = Meet("in", item, option, option.Column);
            return (Item: item.As(kind).Run, Option: option.As(kind).Run, Equal: Test("==", kind));
        }).ToArray();
        return new Typed(ValueKind.Boolean, fields =>
        {
            var unknown = false;
            foreach (var test in tests)
            {
                var x = test.Item(fields);
                if (x.IsNull) return Value.Null;
                var y = test.Option(fields);
                if (y.IsNull) unknown = true;
                else if (test.Equal(x, y)) return Value.Of(!negated);
            }
            return unknown ? Value.Null : Value.Of(negated);
        }, column);
    }

    private static ValueKind Meet(string sign, Typed left, Typed right, int column)
    {
        if (Typed.Common(left, right) is { } kind && (ValueOrder.Covers(kind) || kind == ValueKind.Null)) return kind;
        throw new ExpressionException($"'{sign}' cannot compare {Typed.Name(left.Kind)} with {Typed.Name(right.Kind)}.", column);
    }

    private static Func<Value, Value, bool> Test(string sign, ValueKind kind)
    {
        if (kind == ValueKind.Number) return OfNumbers(sign);
        if (sign is "==") return (x, y) => x.Equals(y);
        if (sign is "!=") return (x, y) => !x.Equals(y);
        return sign switch
        {
            "<" => (x, y) => ValueOrder.Compare(x, y) < 0,
            "<=" => (x, y) => ValueOrder.Compare(x, y) <= 0,
            ">" => (x, y) => ValueOrder.Compare(x, y) > 0,
            ">=" => (x, y) => ValueOrder.Compare(x, y) >= 0,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static Func<Value, Value, bool> OfNumbers(string sign) => sign switch
    {
        "==" => (x, y) => x.Number == y.Number,
        "!=" => (x, y) => x.Number != y.Number,
        "<" => (x, y) => x.Number < y.Number,
        "<=" => (x, y) => x.Number <= y.Number,
        ">" => (x, y) => x.Number > y.Number,
        ">=" => (x, y) => x.Number >= y.Number,
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
