using EventFeatures.Core.Values;

namespace EventFeatures.Core.Expressions;

/// <summary>What functions share: checking their arguments, and null in, null out.</summary>
internal static class FunctionCall
{
    /// <summary>A function of one non-null value.</summary>
    public static Typed Map(Typed argument, ValueShape shape, int column, Func<Value, Value> apply)
    {
        var run = argument.Run;
        return new Typed(shape, fields => run(fields) is { IsNull: false } value ? apply(value) : Value.Null, column);
    }

    /// <summary>A function of two non-null values.</summary>
    public static Typed Map(Typed left, Typed right, ValueShape shape, int column, Func<Value, Value, Value> apply)
    {
        var (first, second) = (left.Run, right.Run);
        return new Typed(shape, fields =>
        {
            var x = first(fields);
            if (x.IsNull) return Value.Null;
            var y = second(fields);
            return y.IsNull ? Value.Null : apply(x, y);
        }, column);
    }

    /// <summary>The one argument, if it is a number.</summary>
    public static Typed Numeric(string name, IReadOnlyList<Typed> arguments, int column)
    {
        Arity(name, arguments, 1, 1, column);
        return Numeric(name, arguments[0]);
    }

    /// <summary>An argument, if it is a number.</summary>
    public static Typed Numeric(string name, Typed argument)
    {
        if (argument.Kind == ValueKind.Null) return argument.As(ValueKind.Number);
        return argument.IsNumeric ? argument : throw new ExpressionException($"{name}() needs a number and has {Typed.Name(argument.Kind)}.", argument.Column);
    }

    /// <summary>An argument, if it is of a kind or null.</summary>
    public static Typed Of(string name, Typed argument, ValueKind kind, string wanted) => argument.Kind == kind || argument.Kind == ValueKind.Null
        ? argument.As(kind)
        : throw new ExpressionException($"{name}() needs {wanted} and has {Typed.Name(argument.Kind)}.", argument.Column);

    /// <summary>The shape in which all arguments meet, and each in it.</summary>
    public static (ValueShape Shape, Evaluator[] Runs) Unify(string name, IReadOnlyList<Typed> arguments)
    {
        var met = arguments.Aggregate((left, right) => Typed.Common(left, right) is { } common
            ? new Typed(common == left.Kind && (left.Shape == right.Shape || right.Kind == ValueKind.Null) ? left.Shape : common == right.Kind && left.Kind == ValueKind.Null ? right.Shape : common, left.Run, left.Column)
            : throw new ExpressionException($"{name}() cannot choose between {Typed.Name(left.Kind)} and {Typed.Name(right.Kind)}.", right.Column)).Shape;
        return (met, [.. arguments.Select(argument => argument.As(met.Kind).Run)]);
    }

    /// <summary>Refuses too few or too many arguments.</summary>
    public static void Arity(string name, IReadOnlyList<Typed> arguments, int least, int most, int column)
    {
        if (arguments.Count >= least && arguments.Count <= most) return;
        var wanted = least == most ? $"{least}" : $"{least} to {most}";
        throw new ExpressionException($"{name}() takes {wanted} argument(s) and has {arguments.Count}.", column);
    }
}
