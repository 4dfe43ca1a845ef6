using EventFeatures.Core.Values;

namespace EventFeatures.Core.Expressions;

/// <summary>An expression's tree before its types are known.</summary>
internal abstract record Syntax(int Column)
{
    /// <summary>The dotted name that a node is written as, which may be a field's: <c>a</c> or <c>a.b</c>; null for anything else.</summary>
    public string? Path => this switch
    {
        Name name => name.Content,
        Member { Owner.Path: { } owner } member => $"{owner}.{member.Content}",
        _ => null,
    };

    /// <param name="Value">The constant.</param>
    /// <param name="Text">A number's text, so that it can be read as another numeric kind without rounding twice; else null.</param>
    /// <param name="Column">Where it stands.</param>
    public sealed record Literal(Value Value, string? Text, int Column) : Syntax(Column);

    public sealed record Name(string Content, int Column) : Syntax(Column);

    public sealed record Unary(string Operator, Syntax Operand, int Column) : Syntax(Column);

    public sealed record Binary(string Operator, Syntax Left, Syntax Right, int Column) : Syntax(Column);

    public sealed record In(Syntax Item, IReadOnlyList<Syntax> Options, bool Negated, int Column) : Syntax(Column);

    public sealed record Between(Syntax Item, Syntax Least, Syntax Most, bool Negated, int Column) : Syntax(Column);

    public sealed record Like(Syntax Item, Token Pattern, bool Negated, int Column) : Syntax(Column);

    public sealed record Member(Syntax Owner, string Content, int Column) : Syntax(Column);

    public sealed record IsNull(Syntax Operand, bool Negated, int Column) : Syntax(Column);

    public sealed record Call(string Function, IReadOnlyList<Syntax> Arguments, int Column) : Syntax(Column);
}
