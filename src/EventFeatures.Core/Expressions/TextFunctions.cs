using System.Text;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Expressions;

/// <summary>
/// Functions of strings. Positions and lengths count Unicode code points, positions from 1; comparison is by code unit
/// and knows no culture. What a function would make longer than <see cref="LengthMax"/> is an overflow.
/// </summary>
internal static class TextFunctions
{
    /// <summary>The longest text that a function makes or searches by a pattern, in UTF-16 code units.</summary>
    public const int LengthMax = 65_536;

    public static readonly IReadOnlyDictionary<string, Func<IReadOnlyList<Typed>, int, Typed>> All = new Dictionary<string, Func<IReadOnlyList<Typed>, int, Typed>>
    {
        ["lower"] = (arguments, column) => OfOne("lower", ValueKind.String, arguments, column, text => Value.Of(text.ToLowerInvariant())),
        ["upper"] = (arguments, column) => OfOne("upper", ValueKind.String, arguments, column, text => Value.Of(text.ToUpperInvariant())),
        ["trim"] = (arguments, column) => OfOne("trim", ValueKind.String, arguments, column, text => Value.Of(text.Trim())),
        ["length"] = (arguments, column) => OfOne("length", ValueKind.Integer, arguments, column, text => Value.Of((long)text.EnumerateRunes().Count())),
        ["starts_with"] = (arguments, column) => OfTwo("starts_with", arguments, column, (text, part) => text.StartsWith(part, StringComparison.Ordinal)),
        ["ends_with"] = (arguments, column) => OfTwo("ends_with", arguments, column, (text, part) => text.EndsWith(part, StringComparison.Ordinal)),
        ["concat"] = Concat,
        ["replace"] = Replace,
        ["substring"] = Substring,
        ["text"] = Text,
    };

    /// <summary><c>item like 'pattern'</c>: <c>%</c> stands for any text, <c>_</c> for one code point, all else for itself.</summary>
    public static Typed Like(Typed item, Token pattern, bool negated, int column)
    {
        var matches = new LikePattern(pattern.Content);
        if (item.Kind is not (ValueKind.String or ValueKind.Null)) throw new ExpressionException($"'like' needs a string and has {Typed.Name(item.Kind)}.", item.Column);
        return FunctionCall.Map(item, ValueKind.Boolean, column, value => Value.Of(matches.Matches(Checked(value.String)) != negated));
    }

    /// <summary>Whether a text holds another.</summary>
    public static Typed Contains(Typed text, Typed part, int column) => OfTwo("contains", [text, part], column, (whole, sought) => whole.Contains(sought, StringComparison.Ordinal));

    private static Typed OfOne(string name, ValueKind result, IReadOnlyList<Typed> arguments, int column, Func<string, Value> apply)
    {
        FunctionCall.Arity(name, arguments, 1, 1, column);
        return FunctionCall.Map(FunctionCall.Of(name, arguments[0], ValueKind.String, "a string"), result, column, value => apply(value.String));
    }

    private static Typed OfTwo(string name, IReadOnlyList<Typed> arguments, int column, Func<string, string, bool> apply)
    {
        FunctionCall.Arity(name, arguments, 2, 2, column);
        var (text, part) = (FunctionCall.Of(name, arguments[0], ValueKind.String, "a string"), FunctionCall.Of(name, arguments[1], ValueKind.String, "a string"));
        return FunctionCall.Map(text, part, ValueKind.Boolean, column, (x, y) => Value.Of(apply(x.String, y.String)));
    }

    private static Typed Concat(IReadOnlyList<Typed> arguments, int column)
    {
        FunctionCall.Arity("concat", arguments, 1, 64, column);
        var runs = arguments.Select(argument => FunctionCall.Of("concat", argument, ValueKind.String, "strings; text() makes one").Run).ToArray();
        return new Typed(ValueKind.String, fields =>
        {
            var whole = new StringBuilder();
            foreach (var run in runs)
            {
                var part = run(fields);
                if (part.IsNull) return Value.Null;
                if (whole.Length + part.String.Length > LengthMax) throw TooLong(whole.Length + part.String.Length);
                whole.Append(part.String);
            }
            return Value.Of(whole.ToString());
        }, column);
    }

    private static Typed Replace(IReadOnlyList<Typed> arguments, int column)
    {
        FunctionCall.Arity("replace", arguments, 3, 3, column);
        var runs = arguments.Select(argument => FunctionCall.Of("replace", argument, ValueKind.String, "strings").Run).ToArray();
        return new Typed(ValueKind.String, fields =>
        {
            var (text, from, to) = (runs[0](fields), runs[1](fields), runs[2](fields));
            if (text.IsNull || from.IsNull || to.IsNull) return Value.Null;
            return from.String.Length == 0 ? text : Value.Of(Replaced(text.String, from.String, to.String));
        }, column);
    }

    private static string Replaced(string text, string from, string to)
    {
        var length = (long)text.Length;
        if (to.Length > from.Length)
            for (var at = text.IndexOf(from, StringComparison.Ordinal); at >= 0; at = text.IndexOf(from, at + from.Length, StringComparison.Ordinal)) length += to.Length - from.Length;
        return length > LengthMax && to.Length > from.Length ? throw TooLong(length) : text.Replace(from, to, StringComparison.Ordinal);
    }

    // As in SQL the first code point is at 1; where a position or length is below what there can be, the result is null.
    private static Typed Substring(IReadOnlyList<Typed> arguments, int column)
    {
        FunctionCall.Arity("substring", arguments, 2, 3, column);
        var text = FunctionCall.Of("substring", arguments[0], ValueKind.String, "a string").Run;
        var start = FunctionCall.Of("substring", arguments[1], ValueKind.Integer, "a whole number as its start").Run;
        var length = arguments.Count == 3 ? FunctionCall.Of("substring", arguments[2], ValueKind.Integer, "a whole number as its length").Run : null;
        return new Typed(ValueKind.String, fields =>
        {
            var (whole, from, count) = (text(fields), start(fields), length is null ? Value.Of(long.MaxValue) : length(fields));
            if (whole.IsNull || from.IsNull || count.IsNull || from.Integer < 1 || count.Integer < 0) return Value.Null;
            var begin = Skip(whole.String, 0, from.Integer - 1);
            return Value.Of(whole.String[begin..Skip(whole.String, begin, count.Integer)]);
        }, column);
    }

    private static int Skip(string text, int at, long codePoints)
    {
        for (; codePoints > 0 && at < text.Length; codePoints--) at += char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
        return at;
    }

    private static Typed Text(IReadOnlyList<Typed> arguments, int column)
    {
        FunctionCall.Arity("text", arguments, 1, 1, column);
        if (!ValueOrder.Covers(arguments[0].Kind) && arguments[0].Kind != ValueKind.Null)
            throw new ExpressionException($"text() cannot write {Typed.Name(arguments[0].Kind)}.", arguments[0].Column);
        return FunctionCall.Map(arguments[0], ValueKind.String, column, value => value.Kind == ValueKind.String ? value : Value.Of(value.ToString().Trim('"')));
    }

    private static string Checked(string text) => text.Length <= LengthMax ? text : throw TooLong(text.Length);

    private static OverflowException TooLong(long length) => new($"a text of {length} characters is longer than {LengthMax}.");
}
