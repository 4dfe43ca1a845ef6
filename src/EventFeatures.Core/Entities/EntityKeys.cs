using System.Text;

namespace EventFeatures.Core.Entities;

/// <summary>
/// An entity's key as one text: its parts joined by the unit separator, which no part may hold, so that different
/// parts never make the same key.
/// </summary>
public static class EntityKeys
{
    /// <summary>Between the parts of a composite key: the unit separator.</summary>
    public const char Separator = '\u001f';

    /// <summary>How long a whole key may be, of a stream or of payload fields, in bytes of UTF-8; a database index takes no more.</summary>
    public const int BytesMax = 1_000;

    /// <summary>The key of these parts.</summary>
    public static string Join(IReadOnlyList<string> parts) => parts.Count == 1 ? parts[0] : string.Join(Separator, parts);

    /// <summary>The parts of an entity's key, in the entity's order.</summary>
    public static IReadOnlyList<string> Split(Entity entity, string key) => entity.Keys.Count == 1 ? [key] : key.Split(Separator);

    /// <summary>The key for people: its parts, a comma between them.</summary>
    public static string ToText(string key) => key.Replace(Separator.ToString(), ", ", StringComparison.Ordinal);

    /// <summary>Why a text cannot be a part of a key, or <see langword="null"/> when it can.</summary>
    public static string? Refuse(string part) =>
        part.Length == 0 ? "is empty"
        : part.Any(char.IsControl) ? "holds a control character"
        : Encoding.UTF8.GetByteCount(part) > BytesMax ? $"has more than {BytesMax} bytes"
        : null;

    /// <summary>
    /// The key under the entity's name or, part by part, under its key parts' names; null when it is not all there.
    /// </summary>
    public static string? Find(Entity entity, IReadOnlyDictionary<string, string> given)
    {
        // A composite entity may be named like one of its parts; only a text with all parts is its whole key then.
        if (given.TryGetValue(entity.Name, out var whole) && whole.Length > 0
            && (entity.Keys.Count == 1 || whole.AsSpan().Count(Separator) == entity.Keys.Count - 1))
            return whole;
        var parts = new List<string>(entity.Keys.Count);
        foreach (var part in entity.Keys)
        {
            // A separator within a part would make it the key of another entity.
            if (!given.TryGetValue(part.Name, out var value) || value.Length == 0 || value.Contains(Separator, StringComparison.Ordinal)) return null;
            parts.Add(value);
        }
        return parts.Count > 0 ? Join(parts) : null;
    }
}
