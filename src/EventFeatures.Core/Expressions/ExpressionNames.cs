namespace EventFeatures.Core.Expressions;

/// <summary>Finds the names that an expression reads before their types are known, to order expressions that read each other.</summary>
internal static class ExpressionNames
{
    /// <summary>The names, each once; of <c>a.b</c> both <c>a.b</c> and <c>a</c>, since either may be a field.</summary>
    /// <exception cref="ExpressionException">The text is no expression.</exception>
    public static IReadOnlyList<string> In(string text)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new ExpressionException("The expression is empty.", 1);
        if (text.Length > Expression.LengthMax) throw new ExpressionException($"The expression has {text.Length} characters; {Expression.LengthMax} are allowed.", Expression.LengthMax + 1);
        var names = new List<string>();
        Collect(Parser.Parse(text), names);
        return names;
    }

    private static void Collect(Syntax syntax, List<string> names)
    {
        if (syntax.Path is { } name && !names.Contains(name)) names.Add(name);
        foreach (var part in Parts(syntax)) Collect(part, names);
    }

    private static IEnumerable<Syntax> Parts(Syntax syntax) => syntax switch
    {
        Syntax.Unary unary => [unary.Operand],
        Syntax.Binary binary => [binary.Left, binary.Right],
        Syntax.In within => [within.Item, .. within.Options],
        Syntax.Between between => [between.Item, between.Least, between.Most],
        Syntax.Like like => [like.Item],
        Syntax.Member member => [member.Owner],
        Syntax.IsNull isNull => [isNull.Operand],
        Syntax.Call call => call.Arguments,
        _ => [],
    };
}
