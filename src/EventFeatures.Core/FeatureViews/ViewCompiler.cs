using EventFeatures.Core.Contracts;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Expressions;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews;

/// <summary>Checks a view as a whole, collecting every issue, and binds its features to its sources' fields.</summary>
internal sealed class ViewCompiler(FeatureView view, IReadOnlyDictionary<string, DataContract> contracts, Entity entity)
{
    private readonly SourceCompiler _sources = new(view, contracts, entity);
    private readonly List<DefinitionIssue> _issues = [];

    public CompiledView Compile()
    {
        _sources.Check();
        _issues.AddRange(_sources.Issues);
        CheckView();
        var parts = view.Features.Select((feature, index) => Check(feature, $"features[{index}]")).ToList();
        if (_issues.Count > 0) throw new DefinitionInvalidException(_issues);
        var names = parts.SelectMany(part => part!.Fields).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        return new CompiledView(
            view, _sources.Bind(names), [.. names.Select(name => new ViewColumn(name, _sources.Fields[name].Kind))], [.. parts.Select(part => part!.Bind(names))]);
    }

    private void CheckView()
    {
        if (view.Entity != entity.Name)
            Report("entity-mismatch", $"The view describes '{view.Entity}' and was given entity '{entity.Name}'.", "entity");
        if (view.Ttl is { Microseconds: <= 0 } ttl)
            Report("ttl-invalid", $"A TTL of {ttl} serves nothing. Give a duration such as 30d, or leave it out.", "ttl");
        if (view.Features.Count == 0)
            Report("features-missing", "A view needs at least one feature.", "features");
    }

    private FeatureParts? Check(Feature feature, string path)
    {
        CheckName(feature, path);
        foreach (var reason in WindowRules.Check(feature.Window)) Report("window-invalid", reason, $"{path}.window");
        var condition = (feature.Window as Window.Since)?.Condition;
        var since = condition is null ? null : CompileText(condition, $"{path}.window.since");
        if (since is not null && since.Kind is not (ValueKind.Boolean or ValueKind.Null))
            Report("since-not-a-condition", $"'{condition}' is a {Typed.Name(since.Kind)}; what a window starts after is true or false.", $"{path}.window.since");
        var where = feature.Where is null ? null : CompileText(feature.Where, $"{path}.where");
        if (where is not null && where.Kind is not (ValueKind.Boolean or ValueKind.Null))
            Report("where-not-a-condition", $"'{feature.Where}' is a {Typed.Name(where.Kind)}; a filter is true or false.", $"{path}.where");
        var input = feature.Of is null ? null : CompileText(feature.Of, $"{path}.of");
        var group = feature.GroupBy is null ? null : CompileText(feature.GroupBy, $"{path}.group_by");
        if (group is not null && !GroupedFold.Takes(group.Kind))
            Report("type-mismatch", $"Events are grouped by a string, integer, decimal, boolean, timestamp or date; '{feature.GroupBy}' is {Article(group)}.", $"{path}.group_by");
        if (AggregateCatalog.Find(feature.Aggregate) is not { } aggregate)
        {
            Report("aggregate-unknown", $"There is no aggregate '{feature.Aggregate}'.{Suggestion.For(feature.Aggregate, AggregateCatalog.Names)}", $"{path}.aggregate");
            return null;
        }
        foreach (var issue in AggregateRules.Check(feature, aggregate, input?.Shape))
            Report(issue.Code, issue.Message, $"{path}.{issue.Key}");
        return new FeatureParts(feature, aggregate, input, where, group, since);
    }

    private void CheckName(Feature feature, string path)
    {
        var name = feature.Name;
        var wellFormed = name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');
        if (!wellFormed) Report("name-invalid", $"'{name}' is no feature name; use letters, digits and underscores, not starting with a digit.", $"{path}.name");
        else if (name.Contains("__", StringComparison.Ordinal)) Report("name-invalid", $"'{name}' holds '__', which separates a view's name from a feature's.", $"{path}.name");
        if (view.Features.First(other => other.Name == name) is var first && !ReferenceEquals(first, feature))
            Report("name-duplicated", $"Two features are named '{name}'.", $"{path}.name");
    }

    private CompiledExpression? CompileText(string text, string path)
    {
        try
        {
            text = SourceFields.Quote(text, _sources.Fields);
            if (_sources.ConflictIn(ExpressionNames.In(text)) is { } conflict)
                Report("field-type-conflict", conflict, path);
            else
                return Expression.Compile(text, _sources.Fields);
        }
        catch (ExpressionException invalid)
        {
            Report("expression-invalid", $"In '{text}': {invalid.Message}", path);
        }
        return null;
    }

    private void Report(string code, string message, string path) => _issues.Add(new DefinitionIssue(code, message, path));

    private static string Article(CompiledExpression expression) =>
        expression.Kind == ValueKind.Null ? "always null" : Typed.Describe(expression.Shape);

    private sealed record FeatureParts(
        Feature Feature, Aggregate Aggregate, CompiledExpression? Of, CompiledExpression? Where, CompiledExpression? Group, CompiledExpression? Since)
    {
        public IEnumerable<string> Fields => new[] { Of, Where, Group, Since }.SelectMany(expression => expression?.Fields ?? []);

        public FeatureKernel Bind(string[] names) => new(
            Feature, Aggregate, new AggregateInput(Of?.Shape) { Parameters = Feature.Parameters, Window = Feature.Window },
            new KernelExpressions(
                Of?.Bind(names), Of is { IsField: true } ? Array.IndexOf(names, Of.Fields[0]) : -1, Where?.Bind(names), Group?.Bind(names), Since?.Bind(names)));
    }
}
