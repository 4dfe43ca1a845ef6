using EventFeatures.Core.Entities;

namespace EventFeatures.Core.FeatureServices;

/// <summary>Finds an entity's key among what a caller gave.</summary>
public static class EntityKeys
{
    /// <summary>Between the parts of a composite key: the unit separator.</summary>
    public const char Separator = '\u001f';

    /// <summary>
    /// The key under the entity's name or, part by part, under its key parts' names; null when it is not all there.
    /// </summary>
    public static string? Find(Entity entity, IReadOnlyDictionary<string, string> given)
    {
        if (given.TryGetValue(entity.Name, out var whole) && whole.Length > 0) return whole;
        var parts = new List<string>(entity.Keys.Count);
        foreach (var part in entity.Keys)
        {
            if (!given.TryGetValue(part.Name, out var value) || value.Length == 0) return null;
            parts.Add(value);
        }
        return parts.Count > 0 ? string.Join(Separator, parts) : null;
    }
}
