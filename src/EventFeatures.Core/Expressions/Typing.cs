using System.Runtime.CompilerServices;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Expressions;

/// <summary>Gives every node of a tree its type and its evaluator, over rows laid out in a known way.</summary>
internal sealed class Typing(IReadOnlyDictionary<string, ValueShape> fields, Func<string, int> indexOf)
{
    public Typed Of(Syntax syntax)
    {
        // A chain of operators is a tree as deep as the chain is long, and each level takes a piece of the caller's stack.
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new ExpressionException("More operators build on each other than there is room for. Take parts of the expression apart into features of their own.", syntax.Column);
        return TypeOf(syntax);
    }

    private Typed TypeOf(Syntax syntax) => syntax switch
    {
        Syntax.Literal literal => Typed.Of(literal.Value, literal.Text, literal.Column),
        Syntax.Name name => Field(name),
        Syntax.Member { Path: { } path } member when fields.TryGetValue(path, out var shape) => Field(path, shape, member.Column),
        Syntax.Unary { Operator: "not" } not => Logic.Not(Of(not.Operand), not.Column),
        Syntax.Unary { Operator: "-" } minus => Arithmetic.Negate(Of(minus.Operand), minus.Column),
        Syntax.Unary plus => Plus(plus),
        Syntax.Binary { Operator: "and" } and => Logic.And(Of(and.Left), Of(and.Right), and.Column),
        Syntax.Binary { Operator: "or" } or => Logic.Or(Of(or.Left), Of(or.Right), or.Column),
        Syntax.Binary { Operator: "+" or "-" or "*" or "/" or "%" } sum => Arithmetic.Apply(sum.Operator, Of(sum.Left), Of(sum.Right), sum.Column),
        Syntax.Binary comparison => Comparison.Apply(comparison.Operator, Of(comparison.Left), Of(comparison.Right), comparison.Column),
        Syntax.In among => Comparison.In(Of(among.Item), [.. among.Options.Select(Of)], among.Negated, among.Column),
        Syntax.Between between => Comparison.Between(Of(between.Item), Of(between.Least), Of(between.Most), between.Negated, between.Column),
        Syntax.Like like => TextFunctions.Like(Of(like.Item), like.Pattern, like.Negated, like.Column),
        Syntax.Member member => ListFunctions.Member(Of(member.Owner), member.Content, member.Column),
        Syntax.IsNull isNull => Logic.IsNull(Of(isNull.Operand), isNull.Negated, isNull.Column),
        Syntax.Call call => Functions.Apply(call.Function, [.. call.Arguments.Select(Of)], call.Column),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private Typed Field(Syntax.Name name)
    {
        if (!fields.TryGetValue(name.Content, out var shape))
            throw new ExpressionException($"There is no field '{name.Content}'.{Suggestion.For(name.Content, fields.Keys)}", name.Column);
        return Field(name.Content, shape, name.Column);
    }

    private Typed Field(string name, ValueShape shape, int column)
    {
        var index = indexOf(name);
        return new Typed(shape, row => row[index], column);
    }

    private Typed Plus(Syntax.Unary plus)
    {
        var operand = Of(plus.Operand);
        return operand.IsNumeric || operand.Kind == ValueKind.Null ? operand
            : throw new ExpressionException($"'+' needs a number and has {Typed.Name(operand.Kind)}.", plus.Column);
    }
}
