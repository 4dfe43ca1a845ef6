using EventFeatures.Core.Contracts;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Expressions;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews;

/// <summary>The fields of a contract's event types by name. The types share their streams, so a name must mean one type in all of them.</summary>
internal sealed class SourceFields
{
    private readonly DataContract _contract;
    private readonly Dictionary<string, ValueShape> _shapes = new(StringComparer.Ordinal);

    public SourceFields(DataContract contract, Action<string, string> report)
    {
        _contract = contract;
        foreach (var type in contract.EventTypes.Values)
        {
            foreach (var field in type.Fields)
            {
                if (field.Name == contract.EventTimeField && field.Type != ValueKind.Timestamp)
                    report("event-time-invalid", $"Field '{field.Name}' of '{type.Name}' holds the event time and is a {Typed.Name(field.Type)}; it must be a timestamp.");
                if (!_shapes.TryAdd(field.Name, field.Shape) && _shapes[field.Name] != field.Shape)
                    report("field-type-conflict", $"Field '{field.Name}' is {Typed.Describe(_shapes[field.Name])} and, in '{type.Name}', {Typed.Describe(field.Shape)}.");
            }
        }
        if (contract.EventTimeField is { } eventTime) _shapes.TryAdd(eventTime, ValueKind.Timestamp);
    }

    public IReadOnlyDictionary<string, ValueShape> Shapes => _shapes;

    /// <summary>A text as an expression: a field may be named by itself even where its name is no identifier.</summary>
    public string Quote(string text) => Quote(text, _shapes);

    /// <summary>The same over any fields.</summary>
    public static string Quote(string text, IReadOnlyDictionary<string, ValueShape> fields) =>
        fields.ContainsKey(text) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    /// <summary>The field of a key part: one of its type, a list of its type, or a member of an object that is open.</summary>
    public KeyParts? KeyPart(string name, EntityKeyPart part, Action<string, string> report)
    {
        if (_shapes.TryGetValue(name, out var shape))
        {
            if (shape.Kind == part.Type || (shape.Kind == ValueKind.Array && shape.Element == part.Type)) return new KeyParts(name, name, [], part.Type);
            report("key-field-invalid", $"Field '{name}' is {Typed.Describe(shape)}; the key part '{part.Name}' needs a {Typed.Name(part.Type)} or a list of such.");
            return null;
        }
        for (var dot = name.LastIndexOf('.'); dot > 0; dot = name.LastIndexOf('.', dot - 1))
            if (_shapes.GetValueOrDefault(name[..dot])?.Kind == ValueKind.Object && !IsDeclared(name[..dot]))
                return new KeyParts(name, name[..dot], name[(dot + 1)..].Split('.'), part.Type);
        report("key-field-invalid", $"Contract '{_contract.Reference}' has no field '{name}' to be the key part '{part.Name}'.{Suggestion.For(name, _shapes.Keys)}");
        return null;
    }

    private bool IsDeclared(string parent) => _contract.EventTypes.Values.Any(type => type.Fields.Any(field => field.Parent == parent));
}
