using System.Globalization;
using System.Text;
using EventFeatures.Core.Contracts;
using EventFeatures.Core.Entities;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// Finds the entities that an event concerns in its payload: one, or several where a key field is a list; none where
/// a key field is null. Each entity once, in the order of the lists.
/// </summary>
internal sealed class EntityKeyReader(IReadOnlyList<KeyField> fields)
{
    /// <summary>How many entities one event may touch; past that it is a violation, not a burden on the view.</summary>
    public const int EntitiesMax = 256;

    /// <param name="values">The event's fields, laid out as the key fields' columns say.</param>
    /// <param name="keys">The entities' keys; empty when the event is no entity's.</param>
    /// <param name="unkeyed">Why it is no entity's; null when it is one's.</param>
    public Violation? Read(ReadOnlySpan<Value> values, out IReadOnlyList<string> keys, out string? unkeyed)
    {
        (keys, unkeyed) = ([], null);
        IReadOnlyList<IReadOnlyList<string>> found = [[]];
        foreach (var field in fields)
        {
            if (field.Read(values, out var parts) is { } violation) return violation;
            if (parts.Count == 0) unkeyed ??= $"Field '{field.Name}', which is part of the key, holds nothing.";
            if (found.Count * parts.Count > EntitiesMax)
                return new Violation(ViolationCode.KeyFanOut, $"The event touches more than {EntitiesMax} entities; '{field.Name}' alone holds {parts.Count} different keys.");
            found = [.. found.SelectMany(_ => parts, IReadOnlyList<string> (before, part) => [.. before, part])];
        }
        var joined = found.Select(EntityKeys.Join).ToList();
        keys = joined;
        return joined.Find(key => Encoding.UTF8.GetByteCount(key) > EntityKeys.BytesMax) is { } tooLong
            ? new Violation(ViolationCode.KeyInvalid, $"The key {JsonContent.Shorten(EntityKeys.ToText(tooLong))} has more than {EntityKeys.BytesMax} bytes.")
            : null;
    }
}

/// <summary>A payload field that holds a part of a key, or a list of such parts.</summary>
/// <param name="Name">Its name in the definition.</param>
/// <param name="Column">Where the field stands.</param>
/// <param name="Path">The members to follow from there, where the field is an object whose members no contract declares.</param>
/// <param name="Type">The part's type.</param>
internal sealed record KeyField(string Name, int Column, IReadOnlyList<string> Path, ValueKind Type)
{
    /// <summary>The different parts that an event holds; none where the field is null or an empty list.</summary>
    public Violation? Read(ReadOnlySpan<Value> values, out IReadOnlyList<string> parts)
    {
        parts = [];
        var value = values[Column];
        foreach (var member in Path)
        {
            if (value.IsNull) return null;
            if (value.Kind != ValueKind.Object) return Wrong(value);
            value = value.Members.GetValueOrDefault(member);
        }
        if (value.IsNull) return null;
        if (value.Kind != ValueKind.Array)
        {
            if (Part(value, out var part) is { } violation) return violation;
            parts = [part];
            return null;
        }
        var several = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var element in value.Elements)
        {
            if (element.IsNull) continue;
            if (Part(element, out var part) is { } violation) return violation;
            if (seen.Add(part)) several.Add(part);
        }
        parts = several;
        return null;
    }

    private Violation? Part(in Value value, out string part)
    {
        part = value.Kind == ValueKind.Integer ? value.Integer.ToString(CultureInfo.InvariantCulture) : value.Kind == ValueKind.String ? value.String : "";
        if (value.Kind != Type) return Wrong(value);
        return EntityKeys.Refuse(part) is { } reason
            ? new Violation(ViolationCode.KeyInvalid, $"Field '{Name}' is part of the key and {reason}: {JsonContent.Shorten(value.ToString())}.")
            : null;
    }

    private Violation Wrong(in Value value) => new(
        ViolationCode.KeyInvalid, $"Field '{Name}' is part of the key and must be {(Type == ValueKind.Integer ? "an integer" : "a string")}, or a list of such, and is {JsonContent.Shorten(value.ToString())}.");
}
