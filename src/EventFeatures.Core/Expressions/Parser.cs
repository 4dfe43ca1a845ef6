using System.Globalization;
using System.Text;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Expressions;

/// <summary>
/// Builds the tree. From loosest to tightest: <c>or</c>, <c>and</c>, <c>not</c>, comparison with <c>in</c>,
/// <c>between</c>, <c>like</c> and <c>is null</c>, <c>+ -</c>, <c>* / %</c>, sign and <c>!</c>, member access.
/// </summary>
internal sealed class Parser(List<Token> tokens)
{
    private const int DepthMax = 64;

    private static readonly string[] Comparisons = ["==", "!=", "<=", ">=", "<", ">"];

    private int _at;
    private int _depth;

    public static Syntax Parse(string text)
    {
        var parser = new Parser(Lexer.Read(text));
        var syntax = parser.Or();
        return parser.Current.Kind == TokenKind.End ? syntax : throw parser.Unexpected("the end or an operator");
    }

    private Token Current => tokens[_at];

    private Syntax Or()
    {
        if (++_depth > DepthMax) throw new ExpressionException($"Expressions are nested at most {DepthMax} deep.", Current.Column);
        var left = And();
        while (Takes("||", "or") is { } token) left = new Syntax.Binary("or", left, And(), token.Column);
        _depth--;
        return left;
    }

    private Syntax And()
    {
        var left = Not();
        while (Takes("&&", "and") is { } token) left = new Syntax.Binary("and", left, Not(), token.Column);
        return left;
    }

    private Syntax Not()
    {
        var nots = new Stack<Token>();
        while (Takes(null, "not") is { } token) nots.Push(token);
        var operand = Comparison();
        foreach (var token in nots) operand = new Syntax.Unary("not", operand, token.Column);
        return operand;
    }

    private Syntax Comparison()
    {
        var left = Sum();
        while (true)
        {
            var token = Current;
            if (token.Kind == TokenKind.Symbol && Array.IndexOf(Comparisons, token.Content) >= 0)
            {
                _at++;
                left = new Syntax.Binary(token.Content, left, Sum(), token.Column);
            }
            else if (Word(token.IsWord("not") ? tokens[_at + 1] : token) is { } word)
            {
                _at += token.IsWord("not") ? 2 : 1;
                left = word(left, token.IsWord("not"), token.Column);
            }
            else if (Takes(null, "is") is not null)
            {
                var negated = Takes(null, "not") is not null;
                if (Takes(null, "null") is null) throw Unexpected("'null' or 'not null'");
                left = new Syntax.IsNull(left, negated, token.Column);
            }
            else return left;
        }
    }

    private Func<Syntax, bool, int, Syntax>? Word(Token token)
    {
        if (token.IsWord("in")) return (item, negated, column) => new Syntax.In(item, Arguments(), negated, column);
        if (token.IsWord("between")) return Between;
        if (token.IsWord("like")) return Like;
        return null;
    }

    private Syntax.Between Between(Syntax item, bool negated, int column)
    {
        var least = Sum();
        if (Takes("&&", "and") is null) throw Unexpected("'and'");
        return new Syntax.Between(item, least, Sum(), negated, column);
    }

    private Syntax.Like Like(Syntax item, bool negated, int column)
    {
        var pattern = Current;
        if (pattern.Kind != TokenKind.Text) throw Unexpected("a pattern in quotes such as 'A%'");
        _at++;
        return new Syntax.Like(item, pattern, negated, column);
    }

    private Syntax Sum()
    {
        var left = Product();
        while ((Takes("+", null) ?? Takes("-", null)) is { } token) left = new Syntax.Binary(token.Content, left, Product(), token.Column);
        return left;
    }

    private Syntax Product()
    {
        var left = Sign();
        while ((Takes("*", null) ?? Takes("/", null) ?? Takes("%", null)) is { } token)
            left = new Syntax.Binary(token.Content, left, Sign(), token.Column);
        return left;
    }

    private Syntax Sign()
    {
        var signs = new Stack<Token>();
        while ((Takes("-", null) ?? Takes("+", null) ?? Takes("!", null)) is { } token) signs.Push(token);
        if (signs.Count > DepthMax) throw new ExpressionException($"At most {DepthMax} signs may follow each other.", Current.Column);
        var operand = Members();
        foreach (var token in signs) operand = new Syntax.Unary(token.Content == "!" ? "not" : token.Content, operand, token.Column);
        return operand;
    }

    private Syntax Members()
    {
        var owner = Primary();
        while (Takes(".", null) is { } point)
        {
            var name = Current;
            if (name.Kind is not (TokenKind.Name or TokenKind.QuotedName)) throw Unexpected("a member's name");
            _at++;
            owner = new Syntax.Member(owner, name.Content, point.Column);
        }
        return owner;
    }

    private Syntax Primary()
    {
        var token = Current;
        if (token.IsSymbol("("))
        {
            _at++;
            var inner = Or();
            if (Takes(")", null) is null) throw Unexpected("')'");
            return inner;
        }
        if (token.Kind is TokenKind.End or TokenKind.Symbol) throw Unexpected("a value");
        _at++;
        if (token.Kind == TokenKind.Number) return Number(token);
        if (token.Kind == TokenKind.Text) return new Syntax.Literal(Value.Of(token.Content), null, token.Column);
        if (token.Kind == TokenKind.QuotedName) return new Syntax.Name(token.Content, token.Column);
        if (token.IsWord("true") || token.IsWord("false")) return new Syntax.Literal(Value.Of(token.IsWord("true")), null, token.Column);
        if (token.IsWord("null")) return new Syntax.Literal(Value.Null, null, token.Column);
        return Current.IsSymbol("(")
            ? new Syntax.Call(token.Content.ToLowerInvariant(), Arguments(), token.Column)
            : new Syntax.Name(token.Content, token.Column);
    }

    private List<Syntax> Arguments()
    {
        if (Takes("(", null) is null) throw Unexpected("'('");
        var arguments = new List<Syntax>();
        if (Takes(")", null) is not null) return arguments;
        do arguments.Add(Or());
        while (Takes(",", null) is not null);
        return Takes(")", null) is null ? throw Unexpected("',' or ')'") : arguments;
    }

    // A whole number is an integer if 64 bits hold it; else, or with a point, it is a decimal if that is exact.
    private static Syntax.Literal Number(Token token)
    {
        if (long.TryParse(token.Content, NumberStyles.None, CultureInfo.InvariantCulture, out var integer))
            return new Syntax.Literal(Value.Of(integer), token.Content, token.Column);
        if (!token.Content.Contains('e', StringComparison.OrdinalIgnoreCase) && ExactDecimal.TryParse(Encoding.ASCII.GetBytes(token.Content), out var exact))
            return new Syntax.Literal(Value.Of(exact), token.Content, token.Column);
        var number = double.Parse(token.Content, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(number)
            ? new Syntax.Literal(Value.Of(number), token.Content, token.Column)
            : throw new ExpressionException($"{token.Content} is beyond the largest number, 1.797e308.", token.Column);
    }

    private Token? Takes(string? symbol, string? word)
    {
        var token = Current;
        if ((symbol is null || !token.IsSymbol(symbol)) && (word is null || !token.IsWord(word))) return null;
        _at++;
        return token;
    }

    private ExpressionException Unexpected(string wanted) => new($"Found {Current} where {wanted} should be.", Current.Column);
}
