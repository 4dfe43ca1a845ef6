using global::Gherkin.Ast;
using Ast = global::Gherkin.Ast;

namespace EventFeatures.Testing.Gherkin.Features;

/// <summary>
/// Lays out one feature: a background's steps go before those of each scenario that it covers, the feature's before
/// the rule's, and an outline becomes one scenario for each row of its examples.
/// </summary>
internal sealed class FeatureLayout(Ast.Feature feature, string path)
{
    private readonly FeatureInfo _feature = new(feature.Name, Text(feature.Description), Names(feature.Tags), path);

    public IEnumerable<Scenario> Scenarios() => Under(feature.Children, null, [], []);

    private IEnumerable<Scenario> Under(IEnumerable<IHasLocation> children, string? rule, IReadOnlyList<string> ruleTags, IReadOnlyList<Ast.Step> before)
    {
        foreach (var child in children)
        {
            switch (child)
            {
                case Background background:
                    before = [.. before, .. background.Steps];
                    break;
                case Rule nested:
                    foreach (var scenario in Under(nested.Children, nested.Name, Names(nested.Tags), before)) yield return scenario;
                    break;
                case Ast.Scenario written:
                    foreach (var scenario in Examples(written, rule, ruleTags, before)) yield return scenario;
                    break;
            }
        }
    }

    private IEnumerable<Scenario> Examples(Ast.Scenario written, string? rule, IReadOnlyList<string> ruleTags, IReadOnlyList<Ast.Step> before)
    {
        if (!written.Examples.Any())
        {
            yield return Lay(written, rule, ruleTags, before, [], [], written.Location.Line);
            yield break;
        }
        var count = 0;
        foreach (var examples in written.Examples)
        {
            foreach (var row in examples.TableBody)
            {
                var names = examples.TableHeader.Cells.Select(cell => cell.Value);
                List<KeyValuePair<string, string>> example = [.. names.Zip(row.Cells, (name, cell) => KeyValuePair.Create(name, cell.Value))];
                count++;
                yield return Lay(written, rule, ruleTags, before, Names(examples.Tags), example, row.Location.Line);
            }
        }
        if (count == 0)
            throw new FeatureInvalidException($"{path}:{written.Location.Line}: the outline '{written.Name}' has no example, so that nothing would run. Add a row to its examples.");
    }

    private Scenario Lay(
        Ast.Scenario written, string? rule, IReadOnlyList<string> ruleTags, IReadOnlyList<Ast.Step> before,
        IReadOnlyList<string> exampleTags, IReadOnlyList<KeyValuePair<string, string>> example, int line)
    {
        if (!written.Steps.Any())
            throw new FeatureInvalidException($"{path}:{written.Location.Line}: the scenario '{written.Name}' has no step, so that it would always pass. Write its steps.");
        List<string> own = [.. Names(written.Tags), .. exampleTags];
        List<string> all = [.. _feature.Tags.Concat(ruleTags).Concat(own).Distinct()];
        var info = new ScenarioInfo(Fill(written.Name, example), Text(written.Description), own, all, new OrderedDictionary<string, string>(example));
        return new Scenario(_feature, rule, info, line, [.. Steps(before.Concat(written.Steps), example)]);
    }

    private IEnumerable<Step> Steps(IEnumerable<Ast.Step> written, IReadOnlyList<KeyValuePair<string, string>> example)
    {
        StepDefinitionType? type = null;
        foreach (var step in written)
        {
            type = step.KeywordType switch
            {
                global::Gherkin.StepKeywordType.Context => StepDefinitionType.Given,
                global::Gherkin.StepKeywordType.Action => StepDefinitionType.When,
                global::Gherkin.StepKeywordType.Outcome => StepDefinitionType.Then,
                _ => type ?? StepDefinitionType.Given,
            };
            var table = step.DataTable is { } rows ? Table(rows, example) : null;
            var docString = step.DocString is { } doc ? Fill(doc.Content, example) : null;
            yield return new Step(step.Keyword.Trim(), step.Location.Line, new StepInfo(type.Value, Fill(step.Text, example), table, docString));
        }
    }

    private DataTable Table(Ast.DataTable written, IReadOnlyList<KeyValuePair<string, string>> example)
    {
        var rows = written.Rows.Select(row => row.Cells.Select(cell => Fill(cell.Value, example)).ToArray()).ToList();
        try
        {
            var table = new DataTable(rows[0]);
            foreach (var row in rows.Skip(1)) table.AddRow(row);
            return table;
        }
        catch (ArgumentException invalid)
        {
            throw new FeatureInvalidException($"{path}:{written.Location.Line}: {invalid.Message}", invalid);
        }
    }

    private static string Fill(string text, IReadOnlyList<KeyValuePair<string, string>> example) =>
        example.Aggregate(text, (filled, argument) => filled.Replace($"<{argument.Key}>", argument.Value, StringComparison.Ordinal));

    private static List<string> Names(IEnumerable<Tag> tags) => [.. tags.Select(tag => tag.Name.TrimStart('@'))];

    private static string Text(string? description) => description?.Trim() ?? "";
}
