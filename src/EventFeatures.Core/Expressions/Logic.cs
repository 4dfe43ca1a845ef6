using EventFeatures.Core.Values;

namespace EventFeatures.Core.Expressions;

/// <summary>SQL's three-valued logic, where null is "unknown": <c>false and null</c> is false, <c>true or null</c> is true.</summary>
internal static class Logic
{
    public static Typed And(Typed left, Typed right, int column) => Both("and", left, right, column, decides: false);

    public static Typed Or(Typed left, Typed right, int column) => Both("or", left, right, column, decides: true);

    public static Typed Not(Typed operand, int column)
    {
        var run = Condition("not", operand).Run;
        return new Typed(ValueKind.Boolean, fields => run(fields) is { IsNull: false } value ? Value.Of(!value.Boolean) : Value.Null, column);
    }

    public static Typed IsNull(Typed operand, bool negated, int column)
    {
        var run = operand.Run;
        return new Typed(ValueKind.Boolean, fields => Value.Of(run(fields).IsNull != negated), column);
    }

    /// <summary>The operand, if it is a condition.</summary>
    public static Typed Condition(string place, Typed operand) => operand.Kind is ValueKind.Boolean or ValueKind.Null
        ? operand.As(ValueKind.Boolean)
        : throw new ExpressionException($"'{place}' needs a condition and has {Typed.Name(operand.Kind)}.", operand.Column);

    private static Typed Both(string word, Typed left, Typed right, int column, bool decides)
    {
        var (a, b) = (Condition(word, left).Run, Condition(word, right).Run);
        return new Typed(ValueKind.Boolean, fields =>
        {
            var x = a(fields);
            if (!x.IsNull && x.Boolean == decides) return x;
            var y = b(fields);
            if (!y.IsNull && y.Boolean == decides) return y;
            return x.IsNull || y.IsNull ? Value.Null : y;
        }, column);
    }
}
