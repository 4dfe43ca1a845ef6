namespace EventFeatures.Core.Definitions;

/// <summary>A version means one thing for ever.</summary>
internal static class VersionRules
{
    /// <summary>Whether this very version is registered; adds an issue when it may never be.</summary>
    public static bool IsKnown(IReadOnlyList<Definition> history, Definition definition, List<DefinitionIssue> issues)
    {
        var others = history.Where(one => one.Kind == definition.Kind && one.Name == definition.Name && IsSameLine(one, definition)).ToList();
        var version = DefinitionVersion.Of(definition);
        if (others.Find(one => DefinitionVersion.Of(one) == version) is { } same)
        {
            if (same.Digest == definition.Digest) return true;
            issues.Add(new DefinitionIssue("version-taken",
                $"{definition.Kind} {definition.Name} {DefinitionVersion.Text(definition)} is registered with the digest {same.Digest[..12]} and this file has {definition.Digest[..12]}. Changing what a version means is not possible; give it a new version, {NextVersion(others)} or later.",
                "version"));
            return false;
        }
        if (others.Count > 0 && others.MaxBy(DefinitionVersion.Of) is { } newest && DefinitionVersion.Of(newest).CompareTo(version) > 0)
            issues.Add(new DefinitionIssue("version-older",
                $"{definition.Kind} {definition.Name} {DefinitionVersion.Text(definition)} comes after {DefinitionVersion.Text(newest)} was registered. Give it the version {NextVersion(others)} or later.",
                "version"));
        return false;
    }

    /// <summary>The majors of a contract live beside each other; all other versions follow one another.</summary>
    private static bool IsSameLine(Definition one, Definition other) => one.Kind != DefinitionKind.DataContract || one.Version == other.Version;

    private static string NextVersion(IEnumerable<Definition> registered)
    {
        var newest = registered.MaxBy(DefinitionVersion.Of)!;
        var version = DefinitionVersion.Of(newest);
        return newest.Kind == DefinitionKind.DataContract ? $"{version.Major}.{version.Minor + 1}.0" : $"{version.Major + 1}";
    }
}
