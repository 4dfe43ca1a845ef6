using EventFeatures.Core.Values;

namespace EventFeatures.Core.Definitions;

/// <summary>The names of types in definition files.</summary>
internal static class FieldTypes
{
    private static readonly Dictionary<string, ValueKind> ByName = new()
    {
        ["string"] = ValueKind.String,
        ["integer"] = ValueKind.Integer,
        ["number"] = ValueKind.Number,
        ["decimal"] = ValueKind.Decimal,
        ["boolean"] = ValueKind.Boolean,
        ["timestamp"] = ValueKind.Timestamp,
        ["date"] = ValueKind.Date,
        ["array"] = ValueKind.Array,
        ["object"] = ValueKind.Object,
    };

    /// <summary>The type that a key names, or <see langword="null"/> after an issue.</summary>
    public static ValueKind? Read(MappingReader reader, string key) =>
        reader.OneOf(key, [.. ByName.Keys]) is { } name ? ByName[name] : null;

    /// <summary>The type's name as files write it.</summary>
    public static string NameOf(ValueKind kind) => ByName.First(pair => pair.Value == kind).Key;

    /// <summary>A contract's type: <c>logicalType</c>, made exact by <c>physicalType: decimal</c>.</summary>
    public static ValueKind? ReadLogical(MappingReader reader)
    {
        if (!reader.Has("logicalType"))
        {
            reader.Report("key-missing", "logicalType", $"'logicalType' is missing.{Suggestion.For("", Logical)}");
            return null;
        }
        if (reader.OneOf("logicalType", Logical) is not { } name) return null;
        // Sized decimals such as decimal(12,2) are decimals; the size is the database's business.
        var isDecimal = name == "number" && reader.Text("physicalType") is { } physical
            && (physical.StartsWith("decimal", StringComparison.OrdinalIgnoreCase) || physical.StartsWith("numeric", StringComparison.OrdinalIgnoreCase));
        return isDecimal ? ValueKind.Decimal : ByName[name];
    }

    private static readonly IReadOnlyList<string> Logical = [.. ByName.Keys.Where(name => name != "decimal")];
}
