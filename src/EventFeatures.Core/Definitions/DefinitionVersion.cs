using System.Globalization;
using EventFeatures.Core.Contracts;

namespace EventFeatures.Core.Definitions;

/// <summary>A version that can be compared: a whole number, or the three numbers of a contract.</summary>
public readonly record struct DefinitionVersion(int Major, int Minor, int Patch) : IComparable<DefinitionVersion>
{
    /// <summary>The version of a definition.</summary>
    public static DefinitionVersion Of(Definition definition)
    {
        if (definition is not DataContract contract) return new DefinitionVersion(definition.Version, 0, 0);
        var parts = contract.FullVersion.Split('.').Select(part => int.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture)).ToList();
        return new DefinitionVersion(parts[0], parts[1], parts[2]);
    }

    /// <summary>How a definition's version is written: <c>1.2.0</c> for a contract, else <c>2</c>.</summary>
    public static string Text(Definition definition) =>
        definition is DataContract contract ? contract.FullVersion : definition.Version.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public int CompareTo(DefinitionVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
}
