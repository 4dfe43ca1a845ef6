using System.Text;

namespace EventFeatures.Core.Expressions;

/// <summary>Cuts an expression's text into words.</summary>
internal static class Lexer
{
    private static readonly string[] Symbols =
        ["==", "!=", "<=", ">=", "&&", "||", "+", "-", "*", "/", "%", "<", ">", "!", "(", ")", ",", "."];

    public static List<Token> Read(string text)
    {
        var tokens = new List<Token>();
        var at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
            if (at == text.Length) break;
            tokens.Add(Next(text, ref at));
        }
        tokens.Add(new Token(TokenKind.End, "", text.Length + 1));
        return tokens;
    }

    private static Token Next(string text, ref int at)
    {
        var start = at;
        var first = text[at];
        if (char.IsAsciiDigit(first) || (first == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])))
            return Number(text, ref at);
        if (first == '\'') return new Token(TokenKind.Text, Quoted(text, ref at), start + 1);
        if (first == '"') return new Token(TokenKind.QuotedName, Quoted(text, ref at), start + 1);
        if (char.IsAsciiLetter(first) || first == '_')
        {
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_')) at++;
            return new Token(TokenKind.Name, text[start..at], start + 1);
        }
        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(text, at, symbol, 0, symbol.Length) != 0) continue;
            at += symbol.Length;
            return new Token(TokenKind.Symbol, symbol, start + 1);
        }
        throw new ExpressionException(
            first == '=' ? "'=' is no operator here; write '=='." : $"'{first}' has no meaning here.", start + 1);
    }

    private static Token Number(string text, ref int at)
    {
        var start = at;
        Digits(text, ref at);
        if (at < text.Length && text[at] == '.')
        {
            at++;
            Digits(text, ref at);
        }
        if (at < text.Length && text[at] is 'e' or 'E')
        {
            at++;
            if (at < text.Length && text[at] is '+' or '-') at++;
            if (at >= text.Length || !char.IsAsciiDigit(text[at])) throw new ExpressionException("A number's exponent has no digits.", at + 1);
            Digits(text, ref at);
        }
        if (at < text.Length && (char.IsAsciiLetter(text[at]) || text[at] == '_'))
            throw new ExpressionException($"'{text[at]}' cannot follow a number.", at + 1);
        return new Token(TokenKind.Number, text[start..at], start + 1);
    }

    private static void Digits(string text, ref int at)
    {
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
    }

    // A quote inside is written twice, as in SQL.
    private static string Quoted(string text, ref int at)
    {
        var quote = text[at];
        var start = at++;
        var content = new StringBuilder();
        while (at < text.Length)
        {
            if (text[at] == quote)
            {
                if (at + 1 >= text.Length || text[at + 1] != quote)
                {
                    at++;
                    return content.ToString();
                }
                at++;
            }
            content.Append(text[at++]);
        }
        throw new ExpressionException($"The quote {quote} is never closed.", start + 1);
    }
}
