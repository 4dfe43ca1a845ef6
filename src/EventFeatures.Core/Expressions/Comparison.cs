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
        var tests = options.Select(option => (Option: option.Run, Equal: Against("in", "==", item, option, option.Column))).ToArray();
        var run = item.Run;
        return new Typed(ValueKind.Boolean, fields =>
        {
            // Once, however many options there are: items that hold such items must not multiply the work.
            var x = run(fields);
            if (x.IsNull) return Value.Null;
            var unknown = false;
            foreach (var test in tests)
            {
                var y = test.Option(fields);
                if (y.IsNull) unknown = true;
                else if (test.Equal(x, y)) return Value.Of(!negated);
            }
            return unknown ? Value.Null : Value.Of(negated);
        }, column);
    }

    /// <summary><c>item between least and most</c>: <c>item &gt;= least and item &lt;= most</c>, with the item computed once.</summary>
    public static Typed Between(Typed item, Typed least, Typed most, bool negated, int column)
    {
        if (item.Kind == ValueKind.Boolean) throw new ExpressionException("'between' does not order booleans.", column);
        var (atLeast, atMost) = (Against("between", ">=", item, least, least.Column), Against("between", "<=", item, most, most.Column));
        var (run, low, high) = (item.Run, least.Run, most.Run);
        return new Typed(ValueKind.Boolean, fields =>
        {
            var x = run(fields);
            if (x.IsNull) return Value.Null;
            var (from, to) = (low(fields), high(fields));
            // Outside one end is outside, whether or not the other is known.
            if ((!from.IsNull && !atLeast(x, from)) || (!to.IsNull && !atMost(x, to))) return Value.Of(negated);
            return from.IsNull || to.IsNull ? Value.Null : Value.Of(!negated);
        }, column);
    }

    /// <summary>A test of two non-null values in the kind in which their nodes meet.</summary>
    public static Func<Value, Value, bool> Against(string word, string sign, Typed left, Typed right, int column)
    {
        var kind = Meet(word, left, right, column);
        var test = Test(sign, kind);
        if (kind == ValueKind.Null) return (_, _) => false;
        var (x, y) = (Converted(left, kind), Converted(right, kind));
        return (a, b) => test(x(a), y(b));
    }

    // A constant is read as the kind it meets when the expression is compiled.
    private static Func<Value, Value> Converted(Typed node, ValueKind kind)
    {
        if (node.Kind == ValueKind.Null) return value => value;
        if (node.Constant is null) return Typed.Conversion(node.Kind, kind);
        var constant = node.As(kind).Constant!.Value;
        return _ => constant;
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
