using EventFeatures.Core.Definitions;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Expressions;

/// <summary>
/// The functions. Null in, null out, except for <c>coalesce</c> and for the branch that <c>if</c> does not take: an
/// unknown condition takes neither branch and gives null. Outside its domain a function is null (<c>log(0)</c>, <c>sqrt(-1)</c>). <c>round</c> takes halves away from zero. <c>length</c> counts Unicode code points;
/// <c>lower</c> and <c>upper</c> know no culture.
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
        ["lower"] = (arguments, column) => OfText("lower", ValueKind.String, arguments, column, text => Value.Of(text.ToLowerInvariant())),
        ["upper"] = (arguments, column) => OfText("upper", ValueKind.String, arguments, column, text => Value.Of(text.ToUpperInvariant())),
        ["length"] = (arguments, column) => OfText("length", ValueKind.Integer, arguments, column, text => Value.Of((long)text.EnumerateRunes().Count())),
        ["coalesce"] = Coalesce,
        ["if"] = If,
    };

    public static Typed Apply(string name, IReadOnlyList<Typed> arguments, int column) => All.TryGetValue(name, out var function)
        ? function(arguments, column)
        : throw new ExpressionException($"There is no function '{name}'.{Suggestion.For(name, All.Keys)}", column);

    private static Typed Rounding(string name, IReadOnlyList<Typed> arguments, int column, Func<Value, Value> apply)
    {
        var argument = Numeric(name, arguments, column);
        return Map(argument, argument.Kind, column, apply);
    }

    private static Typed OfNumber(string name, IReadOnlyList<Typed> arguments, int column, Func<double, Value> apply) =>
        Map(Numeric(name, arguments, column).As(ValueKind.Number), ValueKind.Number, column, value => apply(value.Number));

    private static Typed OfText(string name, ValueKind result, IReadOnlyList<Typed> arguments, int column, Func<string, Value> apply)
    {
        Arity(name, arguments, 1, 1, column);
        if (arguments[0].Kind is not (ValueKind.String or ValueKind.Null))
            throw new ExpressionException($"{name}() needs a string and has {Typed.Name(arguments[0].Kind)}.", arguments[0].Column);
        return Map(arguments[0], result, column, value => apply(value.String));
    }

    private static Typed Round(IReadOnlyList<Typed> arguments, int column)
    {
        Arity("round", arguments, 1, 2, column);
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
        Arity(name, arguments, 1, 64, column);
        var (kind, runs) = Unify(name, arguments, column);
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
        Arity("coalesce", arguments, 1, 64, column);
        var (kind, runs) = Unify("coalesce", arguments, column);
        return new Typed(kind, fields =>
        {
            foreach (var run in runs)
                if (run(fields) is { IsNull: false } value) return value;
            return Value.Null;
        }, column);
    }

    private static Typed If(IReadOnlyList<Typed> arguments, int column)
    {
        Arity("if", arguments, 3, 3, column);
        var condition = Logic.Condition("if", arguments[0]).Run;
        var (kind, runs) = Unify("if", [arguments[1], arguments[2]], column);
        return new Typed(kind, fields => condition(fields) is { IsNull: false } known ? runs[known.Boolean ? 0 : 1](fields) : Value.Null, column);
    }

    private static Typed Map(Typed argument, ValueKind kind, int column, Func<Value, Value> apply)
    {
        var run = argument.Run;
        return new Typed(kind, fields => run(fields) is { IsNull: false } value ? apply(value) : Value.Null, column);
    }

    private static Typed Numeric(string name, IReadOnlyList<Typed> arguments, int column)
    {
        Arity(name, arguments, 1, 1, column);
        if (arguments[0].Kind == ValueKind.Null) return arguments[0].As(ValueKind.Number);
        return arguments[0].IsNumeric ? arguments[0]
            : throw new ExpressionException($"{name}() needs a number and has {Typed.Name(arguments[0].Kind)}.", arguments[0].Column);
    }

    private static (ValueKind Kind, Evaluator[] Runs) Unify(string name, IReadOnlyList<Typed> arguments, int column)
    {
        var kind = arguments.Aggregate((left, right) => Typed.Common(left, right) is { } common
            ? new Typed(common, left.Run, left.Column)
            : throw new ExpressionException($"{name}() cannot choose between {Typed.Name(left.Kind)} and {Typed.Name(right.Kind)}.", right.Column)).Kind;
        return (kind, [.. arguments.Select(argument => argument.As(kind).Run)]);
    }

    private static void Arity(string name, IReadOnlyList<Typed> arguments, int least, int most, int column)
    {
        if (arguments.Count >= least && arguments.Count <= most) return;
        var wanted = least == most ? $"{least}" : $"{least} to {most}";
        throw new ExpressionException($"{name}() takes {wanted} argument(s) and has {arguments.Count}.", column);
    }
}
