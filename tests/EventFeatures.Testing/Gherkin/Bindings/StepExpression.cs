using System.Text;
using System.Text.RegularExpressions;

namespace EventFeatures.Testing.Gherkin.Bindings;

/// <summary>
/// What a step definition matches: a regular expression, or a cucumber expression turned into one. Which of the two
/// it is follows Reqnroll's rule: anchors, captured repetitions, <c>\d+</c> and <c>\.</c> mean a regular expression.
/// </summary>
internal sealed partial class StepExpression
{
    private readonly Regex _regex;
    private readonly int _parameters = -1;

    private StepExpression(Regex regex, int parameters = -1) => (_regex, _parameters) = (regex, parameters);

    public static StepExpression Parse(string expression, IReadOnlyDictionary<string, string> parameterTypes)
    {
        if (!IsCucumberExpression(expression)) return new StepExpression(Whole(expression));
        var pattern = new StringBuilder();
        var parameters = 0;
        var words = expression.AsSpan();
        foreach (var match in Token().EnumerateMatches(expression))
        {
            var token = words.Slice(match.Index, match.Length).ToString();
            pattern.Append(token[0] switch
            {
                '\\' => Regex.Escape(token[1..]),
                '{' => Parameter(token[1..^1], parameters++, expression, parameterTypes),
                '(' => $"(?:{Regex.Escape(token[1..^1])})?",
                _ when token.Contains('/', StringComparison.Ordinal) => $"(?:{string.Join('|', token.Split('/').Select(Regex.Escape))})",
                _ => Regex.Escape(token),
            });
        }
        return new StepExpression(Whole(pattern.ToString()), parameters);
    }

    /// <summary>The captured texts, or <see langword="null"/> when the step is another one.</summary>
    public IReadOnlyList<string>? Match(string text)
    {
        var match = _regex.Match(text);
        if (!match.Success) return null;
        return _parameters >= 0
            ? [.. Enumerable.Range(0, _parameters).Select(index => match.Groups[$"p{index}"].Value)]
            : [.. match.Groups.Values.Skip(1).Select(group => group.Value)];
    }

    private static Regex Whole(string pattern) => new($@"\A(?:{pattern})\z", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5));

    private static bool IsCucumberExpression(string text) =>
        !text.StartsWith('^') && !text.EndsWith('$')
        && (Placeholder().IsMatch(text) || !(CapturedRepetition().IsMatch(text) || EscapedClass().IsMatch(text)));

    private static string Parameter(string name, int index, string expression, IReadOnlyDictionary<string, string> parameterTypes)
    {
        const string number = @"[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?";
        var pattern = name switch
        {
            "" => ".*",
            "int" or "byte" or "short" or "long" or "biginteger" => @"[-+]?\d+",
            "float" or "double" or "decimal" or "bigdecimal" => number,
            "word" => @"[^\s]+",
            "string" => $"(?:\"(?<p{index}>[^\"]*)\"|'(?<p{index}>[^']*)')",
            _ when parameterTypes.TryGetValue(name, out var own) => own,
            _ => throw new BindingInvalidException($"The step definition \"{expression}\" names the unknown parameter type {{{name}}}. Write a [StepArgumentTransformation] that returns it, or use {{int}}, {{float}}, {{string}} or {{word}}."),
        };
        return name == "string" ? pattern : $"(?<p{index}>{pattern})";
    }

    [GeneratedRegex(@"\\.|\{[^}]*\}|\([^)]*\)|[^\s\\{}()]+|\s+|.", RegexOptions.Singleline)]
    private static partial Regex Token();

    [GeneratedRegex(@"\{\w*\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\([^)]+[*+]\)|\.\*")]
    private static partial Regex CapturedRepetition();

    [GeneratedRegex(@"\\\.|\\d\+")]
    private static partial Regex EscapedClass();
}
