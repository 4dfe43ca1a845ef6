using System.Text.RegularExpressions;

namespace EventFeatures.Testing.Gherkin.Bindings;

/// <summary>A step definition to start from, for a step that has none.</summary>
internal static partial class Snippet
{
    public static string For(StepInfo step)
    {
        List<string> parameters = [];
        var expression = Literal().Replace(step.Text, literal =>
        {
            var (name, type) = literal.Value[0] is '"' or '\'' ? ("string", "string")
                : literal.Value.Contains('.', StringComparison.Ordinal) ? ("float", "double") : ("int", "int");
            parameters.Add($"{type} p{parameters.Count}");
            return $"{{{name}}}";
        });
        if (step.Table is not null) parameters.Add("DataTable table");
        if (step.MultilineText is not null) parameters.Add("string text");
        return $$"""
                [{{step.StepDefinitionType}}("{{expression.Replace("\"", "\\\"", StringComparison.Ordinal)}}")]
                public void {{MethodName(step)}}({{string.Join(", ", parameters)}}) => throw new PendingStepException();

            """;
    }

    private static string MethodName(StepInfo step)
    {
        var words = Word().Matches(Literal().Replace(step.Text, " ")).Select(word => char.ToUpperInvariant(word.Value[0]) + word.Value[1..]);
        return step.StepDefinitionType + string.Concat(words);
    }

    [GeneratedRegex("""
        "[^"]*"|'[^']*'|(?<![\w.:-])[-+]?\d+(\.\d+)?(?![\w:-]|\.\d)
        """)]
    private static partial Regex Literal();

    [GeneratedRegex("[A-Za-z]+")]
    private static partial Regex Word();
}
