using EventFeatures.Core.Definitions;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Expressions;

/// <summary>
/// The functions. Null in, null out, except for <c>coalesce</c> and for the branch that <c>if</c> does not take: an
/// unknown condition takes neither branch and gives null. Outside its domain a function is null (<c>log(0)</c>,
/// <c>sqrt(-1)</c>). <c>round</c> takes halves away from zero.
/// </summary>
internal static class Functions
{
    private static readonly Dictionary<string, Func<IReadOnlyList<Typed>, int, Typed>> All = new(StringComparer.Ordinal)
    {
        ["abs"] = (arguments, column) => Rounding("abs", arguments, column, value => value.Kind switch
        {
            ValueKind.Integer => Value.Of(Math.Abs(value.Integer)),
            ValueKind.Decimal => Value.Of(Math.Abs(value.Decimal)),
            _ => Value.Of(Math.Abs(value.Number)),
        }),
        ["floor"] = (arguments, column) => Rounding("floor", arguments, column, value => value.Kind switch
        {
            ValueKind.Integer => value,
            ValueKind.Decimal => Value.Of(Math.Floor(value.Decimal)),
            _ => Value.Of(Math.Floor(value.Number)),
        }),
        ["ceil"] = (arguments, column) => Rounding("ceil", arguments, column, value => value.Kind switch
        {
            ValueKind.Integer => value,
            ValueKind.Decimal => Value.Of(Math.Ceiling(value.Decimal)),
            _ => Value.Of(Math.Ceiling(value.Number)),
        }),
        ["round"] = Round,
        ["min"] = (arguments, column) => Extreme("min", arguments, column, -1),
        ["max"] = (arguments, column) => Extreme("max", arguments, column, 1),
        ["log"] = (arguments, column) => OfNumber("log", arguments, column, x => x <= 0 ? Value.Null : Value.Of(Math.Log(x))),
        ["exp"] = (arguments, column) => OfNumber("exp", arguments, column, x => Value.Of(Arithmetic.Checked(Math.Exp(x), x))),
        ["sqrt"] = (arguments, column) => OfNumber("sqrt", arguments, column, x => x < 0 ? Value.Null : Value.Of(Math.Sqrt(x))),
        ["pow"] = Power,
        ["coalesce"] = Coalesce,
        ["if"] = If,
    };

    static Functions()
    {
        foreach (var (name, function) in TextFunctions.All.Concat(TimeFunctions.All).Concat(ListFunctions.All)) All.Add(name, function);
    }

    public static Typed Apply(string name, IReadOnlyList<Typed> arguments, int column) => All.TryGetValue(name, out var function)
        ? function(arguments, column)
        : throw new ExpressionException($"There is no function '{name}'.{Suggestion.For(name, All.Keys)}", column);

    private static Typed Rounding(string name, IReadOnlyList<Typed> arguments, int column, Func<Value, Value> apply)
    {
        var argument = FunctionCall.Numeric(name, arguments, column);
        return FunctionCall.Map(argument, argument.Kind, column, apply);
    }

    private static Typed OfNumber(string name, IReadOnlyList<Typed> arguments, int column, Func<double, Value> apply) =>
        FunctionCall.Map(FunctionCall.Numeric(name, arguments, column).As(ValueKind.Number), ValueKind.Number, column, value => apply(value.Number));

    private static Typed Power(IReadOnlyList<Typed> arguments, int column)
    {
        FunctionCall.Arity("pow", arguments, 2, 2, column);
        var (x, y) = (FunctionCall.Numeric("pow", arguments[0]).As(ValueKind.Number), FunctionCall.Numeric("pow", arguments[1]).As(ValueKind.Number));
        return FunctionCall.Map(x, y, ValueKind.Number, column, (left, right) =>
        {
            // A negative number has no power that is not whole, and zero none below zero.
            if ((left.Number < 0 && !double.IsInteger(right.Number)) || (left.Number == 0 && right.Number < 0)) return Value.Null;
            return Value.Of(Arithmetic.Checked(Math.Pow(left.Number, right.Number), left.Number, right.Number));
        });
    }

    private static Typed Round(IReadOnlyList<Typed> arguments, int column)
    {
        FunctionCall.Arity("round", arguments, 1, 2, column);
        var places = 0;
        if (arguments.Count == 2)
        {
            if (arguments[1].Constant is not { Kind: ValueKind.Integer, Integer: >= 0 and <= 15 } constant)
                throw new ExpressionException("round() takes its places as a whole number from 0 to 15, written out.", arguments[1].Column);
            places = (int)constant.Integer;
        }
        return Rounding("round", [arguments[0]], column, value => value.Kind switch
        {
            ValueKind.Integer => value,
            ValueKind.Decimal => Value.Of(Math.Round(value.Decimal, places, MidpointRounding.AwayFromZero)),
            _ => Value.Of(Math.Round(value.Number, places, MidpointRounding.AwayFromZero)),
        });
    }

    private static Typed Extreme(string name, IReadOnlyList<Typed> arguments, int column, int sign)
    {
        FunctionCall.Arity(name, arguments, 1, 64, column);
        var (shape, runs) = FunctionCall.Unify(name, arguments);
        var kind = shape.Kind;
        if (!ValueOrder.Covers(kind) && kind != ValueKind.Null) throw new ExpressionException($"{name}() cannot order {Typed.Name(kind)}.", column);
        return new Typed(kind, fields =>
        {
            var best = Value.Null;
            foreach (var run in runs)
            {
                var value = run(fields);
                if (value.IsNull) return Value.Null;
                if (best.IsNull || sign * ValueOrder.Compare(value, best) > 0) best = value;
            }
            return best;
        }, column);
    }

    private static Typed Coalesce(IReadOnlyList<Typed> arguments, int column)
    {
        FunctionCall.Arity("coalesce", arguments, 1, 64, column);
        var (shape, runs) = FunctionCall.Unify("coalesce", arguments);
        return new Typed(shape, fields =>
        {
            foreach (var run in runs)
                if (run(fields) is { IsNull: false } value) return value;
            return Value.Null;
        }, column);
    }

    private static Typed If(IReadOnlyList<Typed> arguments, int column)
    {
        FunctionCall.Arity("if", arguments, 3, 3, column);
        var condition = Logic.Condition("if", arguments[0]).Run;
        var (shape, runs) = FunctionCall.Unify("if", [arguments[1], arguments[2]]);
        return new Typed(shape, fields => condition(fields) is { IsNull: false } known ? runs[known.Boolean ? 0 : 1](fields) : Value.Null, column);
    }
}
