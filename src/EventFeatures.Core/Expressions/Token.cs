namespace EventFeatures.Core.Expressions;

internal enum TokenKind
{
    End,
    Number,
    Text,
    Name,
    QuotedName,
    Symbol,
}

/// <summary>A word of an expression. A text's or quoted name's content is without its quotes.</summary>
internal readonly record struct Token(TokenKind Kind, string Content, int Column)
{
    public bool IsSymbol(string symbol) => Kind == TokenKind.Symbol && Content == symbol;

    public bool IsWord(string word) => Kind == TokenKind.Name && Content.Equals(word, StringComparison.OrdinalIgnoreCase);

    public override string ToString() => Kind switch
    {
        TokenKind.End => "the end",
        TokenKind.Text => $"'{Content}'",
        _ => $"'{Content}'",
    };
}
