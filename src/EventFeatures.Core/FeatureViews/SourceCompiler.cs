using EventFeatures.Core.Contracts;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Expressions;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// Checks what a view reads, collecting every issue, and gives the fields that its features may name: those of all
/// sources, each under one name with one type.
/// </summary>
internal sealed class SourceCompiler(FeatureView view, IReadOnlyDictionary<string, DataContract> contracts, Entity entity)
{
    /// <summary>The name under which features see an event's type, where no contract has a field of that name.</summary>
    public const string EventTypeName = "event_type";

    private readonly List<DefinitionIssue> _issues = [];
    private readonly List<SourceParts> _sources = [];
    private readonly Dictionary<string, ValueShape> _fields = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _conflicts = new(StringComparer.Ordinal);

    /// <summary>What is wrong.</summary>
    public IReadOnlyList<DefinitionIssue> Issues => _issues;

    /// <summary>The fields that features may name.</summary>
    public IReadOnlyDictionary<string, ValueShape> Fields => _fields;

    /// <summary>The sources that could be checked, in the order of the view's; all of them where nothing is wrong.</summary>
    public IReadOnlyList<SourceParts> Parts => _sources;

    /// <summary>Why one of these names cannot be used, since contracts disagree on it; null when all can.</summary>
    public string? ConflictIn(IReadOnlyList<string> names) => names
        // Of a.b also a is named, and does not matter where a.b is a field.
        .Where(name => !names.Any(inner => inner.StartsWith(name + ".", StringComparison.Ordinal) && _fields.ContainsKey(inner)))
        .Select(_conflicts.GetValueOrDefault)
        .FirstOrDefault(conflict => conflict is not null);

    public void Check()
    {
        for (var i = 0; i < view.Sources.Count; i++) Check(view.Sources[i], view.Sources.Count == 1 ? "source" : $"sources[{i}]");
        CheckOverlaps();
        _fields.TryAdd(EventTypeName, ValueKind.String);
    }

    /// <summary>The sources, ready to fill these columns.</summary>
    public CompiledSource[] Bind(IReadOnlyList<string> columns) => [.. _sources.Select(source => source.Bind(columns))];

    private void Check(ViewSource source, string place)
    {
        if (!contracts.TryGetValue(source.Contract, out var contract))
        {
            Report("contract-mismatch", $"The view reads '{source.Contract}' and was given contract '{string.Join("', '", contracts.Keys.Order(StringComparer.Ordinal))}'.", $"{place}.contract");
            return;
        }
        var own = new SourceFields(contract, (code, message) => Report(code, message, $"{place}.contract"));
        var names = Names(source, own, place);
        Union(contract, own, names);
        var where = source.Where is null ? null : Where(source.Where, own, $"{place}.where");
        _sources.Add(new SourceParts(place, contract, names, where, Key(source, own, place)));
    }

    /// <summary>The view's name of each of the contract's fields.</summary>
    private Dictionary<string, string> Names(ViewSource source, SourceFields own, string place)
    {
        foreach (var field in source.As.Keys.Where(field => !own.Shapes.ContainsKey(field)))
            Report("source-field-unknown", $"Contract '{source.Contract}' has no field '{field}' to rename.{Suggestion.For(field, own.Shapes.Keys)}", $"{place}.as");
        var names = own.Shapes.Keys.ToDictionary(field => field, field => source.As.GetValueOrDefault(field, field), StringComparer.Ordinal);
        foreach (var same in names.GroupBy(pair => pair.Value).Where(group => group.Count() > 1))
            Report("name-duplicated", $"The fields {string.Join(" and ", same.Select(pair => $"'{pair.Key}'"))} of '{source.Contract}' would both be '{same.Key}'. Rename one of them to something else.", $"{place}.as");
        return names;
    }

    // A name that two contracts use for different types hurts nobody until a feature uses it.
    private void Union(DataContract contract, SourceFields own, Dictionary<string, string> names)
    {
        foreach (var (field, name) in names)
        {
            var shape = own.Shapes[field];
            if (_conflicts.ContainsKey(name)) continue;
            if (_fields.TryAdd(name, shape) || _fields[name] == shape) continue;
            _conflicts[name] = $"Field '{name}' is {Typed.Describe(_fields[name])} in one contract and {Typed.Describe(shape)} in '{contract.Reference}'. Give one of them another name: as: {{ {field}: … }}.";
            _fields.Remove(name);
        }
    }

    private CompiledExpression? Where(string text, SourceFields own, string place)
    {
        try
        {
            var fields = new Dictionary<string, ValueShape>(own.Shapes, StringComparer.Ordinal);
            fields.TryAdd(EventTypeName, ValueKind.String);
            var where = Expression.Compile(own.Quote(text), fields);
            if (where.Kind is not (ValueKind.Boolean or ValueKind.Null))
                Report("where-not-a-condition", $"'{text}' is a {Typed.Name(where.Kind)}; a filter is true or false.", place);
            return where;
        }
        catch (ExpressionException invalid)
        {
            Report("expression-invalid", $"In '{text}': {invalid.Message}", place);
            return null;
        }
    }

    private IReadOnlyList<KeyParts>? Key(ViewSource source, SourceFields own, string place)
    {
        if (source.Key is null)
        {
            if (entity.Keys.Count != 1)
                Report("key-count-mismatch", $"Entity '{entity.Name}' has {entity.Keys.Count} key parts; a stream's key is one. Name the fields that hold them: key: [{string.Join(", ", entity.Keys.Select(part => part.Name))}].", $"{place}.key");
            return null;
        }
        if (source.Key.Count != entity.Keys.Count)
        {
            Report("key-count-mismatch", $"The key names {source.Key.Count} fields and entity '{entity.Name}' has {entity.Keys.Count} key parts: {string.Join(", ", entity.Keys.Select(part => part.Name))}.", $"{place}.key");
            return null;
        }
        var parts = new List<KeyParts>();
        for (var i = 0; i < source.Key.Count; i++)
            if (own.KeyPart(source.Key[i], entity.Keys[i], (code, message) => Report(code, message, $"{place}.key")) is { } part) parts.Add(part);
        return parts;
    }

    // Otherwise an event would be read twice, or it would be anybody's guess by which contract.
    private void CheckOverlaps()
    {
        for (var i = 0; i < _sources.Count; i++)
            for (var j = 0; j < i; j++)
                if (_sources[i].Contract.Category == _sources[j].Contract.Category
                    && _sources[i].Contract.EventTypes.Keys.FirstOrDefault(_sources[j].Contract.EventTypes.ContainsKey) is { } shared)
                    Report("source-ambiguous", $"'{_sources[j].Contract.Reference}' and '{_sources[i].Contract.Reference}' both read the event type '{shared}' of category '{_sources[i].Contract.Category}'. A view reads an event once; for another side of it, make another view.", $"{_sources[i].Place}.contract");
    }

    private void Report(string code, string message, string path) => _issues.Add(new DefinitionIssue(code, message, path));
}

/// <summary>A source that was checked.</summary>
/// <param name="Place">Where it stands in the definition.</param>
/// <param name="Contract">The contract.</param>
/// <param name="Names">The view's name of each of its fields.</param>
/// <param name="Where">The condition.</param>
/// <param name="Key">The key's fields; null for the stream's key.</param>
internal sealed record SourceParts(
    string Place, DataContract Contract, IReadOnlyDictionary<string, string> Names, CompiledExpression? Where, IReadOnlyList<KeyParts>? Key)
{
    public CompiledSource Bind(IReadOnlyList<string> columns)
    {
        var own = Names.ToDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);
        var layout = columns.Select(own.GetValueOrDefault).ToList();
        var eventType = own.ContainsKey(SourceCompiler.EventTypeName) ? -1 : columns.ToList().IndexOf(SourceCompiler.EventTypeName);
        if (Where is not null)
            foreach (var field in Where.Fields)
            {
                if (field == SourceCompiler.EventTypeName && !Names.ContainsKey(field)) eventType = eventType >= 0 ? eventType : Place(SourceCompiler.EventTypeName);
                else Place(field);
            }
        var key = Key?.Select(part => new KeyField(part.Name, Place(part.Field), part.Path, part.Type)).ToList();
        return new CompiledSource(Contract, [.. layout.Select((field, i) => i == eventType ? null : field)], eventType, Where?.Bind(Labels()), key);

        int Place(string field)
        {
            var place = layout.IndexOf(field);
            if (place >= 0) return place;
            layout.Add(field);
            return layout.Count - 1;
        }

        // The condition names the event's type where nothing else stands.
        List<string> Labels() => [.. layout.Select((field, i) => i == eventType ? SourceCompiler.EventTypeName : field ?? "")];
    }
}

/// <summary>A key field that was checked.</summary>
/// <param name="Name">Its name in the definition.</param>
/// <param name="Field">The contract's field that it is, or is in.</param>
/// <param name="Path">The members to follow from there.</param>
/// <param name="Type">The key part's type.</param>
internal sealed record KeyParts(string Name, string Field, IReadOnlyList<string> Path, ValueKind Type);
