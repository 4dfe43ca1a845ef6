using EventFeatures.Core.Contracts;

namespace EventFeatures.Core.Definitions;

/// <summary>
/// BACKWARD_TRANSITIVE compatibility: events written under any earlier version of the same major can be read under
/// the new one. What cannot be is a new major version.
/// </summary>
public static class ContractCompatibility
{
    /// <summary>Every way in which <paramref name="next"/> fails to read what <paramref name="earlier"/> allowed, as path and reason.</summary>
    public static IEnumerable<(string Path, string Reason)> Breaks(DataContract earlier, DataContract next)
    {
        if (next.Category != earlier.Category)
            yield return ("customProperties", $"the category changed from '{earlier.Category}' to '{next.Category}'");
        if (next.EventTimeField != earlier.EventTimeField)
            yield return ("customProperties", $"the event time moved from '{earlier.EventTimeField ?? "the envelope"}' to '{next.EventTimeField ?? "the envelope"}'");
        foreach (var type in earlier.EventTypes.Values)
        {
            if (!next.EventTypes.TryGetValue(type.Name, out var newer))
            {
                yield return ("schema", $"the event type '{type.Name}' was removed");
                continue;
            }
            var index = next.EventTypes.Keys.ToList().IndexOf(type.Name);
            foreach (var (field, reason) in Breaks(type, newer))
            {
                var position = newer.Fields.ToList().FindIndex(one => one.Name == field && one.Parent is null);
                var path = position < 0 ? $"schema[{index}].properties" : $"schema[{index}].properties[{position}]";
                yield return (path, $"{type.Name}.{field} {reason}");
            }
        }
    }

    private static IEnumerable<(string Field, string Reason)> Breaks(EventSchema earlier, EventSchema next)
    {
        foreach (var field in next.Fields)
        {
            if (earlier.Find(field.Name) is not { } old)
            {
                if (field.Required) yield return (field.Name, "was added as required; earlier events lack it");
                continue;
            }
            foreach (var reason in Breaks(old, field)) yield return (field.Name, reason);
        }
        foreach (var field in earlier.Fields.Where(field => field.Required && next.Find(field.Name) is null))
            yield return (field.Name, "was required and was removed");
    }

    private static IEnumerable<string> Breaks(Field old, Field next)
    {
        if (next.Type != old.Type || next.ElementType != old.ElementType)
            yield return $"changed its type from {TypeName(old)} to {TypeName(next)}";
        if (next.Required && !old.Required) yield return "became required";
        if (Narrowed(old, next)) yield return "allows fewer values than before";
        if (next.Minimum is { } minimum && !(old.Minimum >= minimum)) yield return $"raised its minimum to {minimum:R}";
        if (next.Maximum is { } maximum && !(old.Maximum <= maximum)) yield return $"lowered its maximum to {maximum:R}";
    }

    private static bool Narrowed(Field old, Field next) =>
        next.Enumeration.Count > 0 && (old.Enumeration.Count == 0 || old.Enumeration.Any(value => !next.Enumeration.Contains(value)));

    private static string TypeName(Field field) =>
        FieldTypes.NameOf(field.Type) + (field.ElementType is { } element ? $" of {FieldTypes.NameOf(element)}" : "");
}
