using System.Globalization;

namespace EventFeatures.Core.Definitions;

/// <summary>A name with or without a version, <c>card_activity</c> or <c>card_activity@v2</c>.</summary>
public readonly record struct DefinitionReference(string Name, int? Version)
{
    /// <summary>Reads the text form.</summary>
    public static bool TryParse(string text, out DefinitionReference reference)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        reference = new DefinitionReference(at < 0 ? text : text[..at], null);
        if (reference.Name.Length == 0) return false;
        if (at < 0) return true;
        if (at + 2 >= text.Length || text[at + 1] != 'v' || !int.TryParse(text.AsSpan(at + 2), NumberStyles.None, CultureInfo.InvariantCulture, out var version) || version < 1)
            return false;
        reference = reference with { Version = version };
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Version is { } version ? $"{Name}@v{version}" : Name;
}
