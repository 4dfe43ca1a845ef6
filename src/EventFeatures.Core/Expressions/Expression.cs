using EventFeatures.Core.Values;

namespace EventFeatures.Core.Expressions;

/// <summary>
/// The small language of <c>where</c>, <c>of</c> and on-demand features: <c>amount * 2 &gt; 10 and country in ('FR', 'DE')</c>.
/// It reads the fields of one row and nothing else, and always ends.
/// </summary>
public static class Expression
{
    /// <summary>The longest text; it bounds the tree as well.</summary>
    public const int LengthMax = 2_000;

    /// <summary>Checks a text against the fields there are and makes it ready to run.</summary>
    /// <exception cref="ExpressionException">The text is no expression over these fields.</exception>
    public static CompiledExpression Compile(string text, IReadOnlyDictionary<string, ValueKind> fields) =>
        Compile(text, fields.ToDictionary(field => field.Key, field => new ValueShape(field.Value), StringComparer.Ordinal));

    /// <summary>The same where more is known of the fields' insides.</summary>
    /// <exception cref="ExpressionException">The text is no expression over these fields.</exception>
    public static CompiledExpression Compile(string text, IReadOnlyDictionary<string, ValueShape> fields)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new ExpressionException("The expression is empty.", 1);
        if (text.Length > LengthMax) throw new ExpressionException($"The expression has {text.Length} characters; {LengthMax} are allowed.", LengthMax + 1);
        var syntax = Parser.Parse(text);
        var used = new List<string>();
        var typed = new Typing(fields, Index).Of(syntax);
        return new CompiledExpression(text, syntax, fields, used, typed.Shape, typed.Run);

        int Index(string name)
        {
            var index = used.IndexOf(name);
            if (index >= 0) return index;
            used.Add(name);
            return used.Count - 1;
        }
    }
}
