using System.Globalization;
using System.Text.RegularExpressions;
using EventFeatures.Core.Contracts;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Definitions;

/// <summary>Reads a <see cref="DataContract"/>: an Open Data Contract Standard v3 document.</summary>
internal static partial class DataContractReader
{
    /// <summary>Streams of these categories are the system's own.</summary>
    private static readonly IReadOnlyList<string> ReservedCategories =
    [
        "prediction", "contract", "entity", "featureview", "featureservice", "model", "experiment", "policy",
        "quarantine", "subject", "treehead", "monitor",
    ];

    public static DataContract Read(DefinitionHeader header)
    {
        var reader = header.Reader;
        reader.AllowOnly("A DataContract", OdcsKeys.Contract);
        var api = reader.RequiredText("apiVersion", "v3.1.0");
        if (api.Length > 0 && !ApiVersionPattern().IsMatch(api))
            reader.Report("api-version-unknown", "apiVersion", $"'{api}' is no version 3 of the Open Data Contract Standard. Write apiVersion: v3.1.0");
        if (reader.Has("status")) reader.OneOf("status", "proposed", "draft", "active", "deprecated", "retired");
        var custom = new CustomProperties(reader, OdcsKeys.Custom);
        var (version, major) = ReadVersion(reader);
        var types = ReadEventTypes(reader);
        return new DataContract
        {
            Name = ReadName(reader, header.IsBuiltIn),
            Version = major,
            FullVersion = version,
            Owner = ReadOwner(reader),
            Description = reader.Node["description"] is ScalarNode description ? description.Text : reader.Mapping("description")?.Text("purpose") ?? "",
            CanonicalJson = header.CanonicalJson,
            Digest = header.Digest,
            Category = ReadCategory(reader, custom, header.IsBuiltIn),
            EventTypes = types,
            EventTimeField = ReadEventTime(custom, types),
            AllowedLateness = custom["allowedLateness"]?.Duration("value", zeroAllowed: true),
            FutureSkewMax = custom["maxFutureSkew"]?.Duration("value", zeroAllowed: true),
            OnViolation = custom["onViolation"]?.OneOf("value", "reject", "quarantine") == "reject"
                ? ViolationAction.Reject
                : ViolationAction.Quarantine,
        };
    }

    private static string ReadName(MappingReader reader, bool isBuiltIn)
    {
        var id = reader.RequiredText("id", "payments.authorisation");
        var key = reader.Has("name") ? "name" : "id";
        var name = reader.Text(key) ?? id;
        if (name.Length > 0 && !NamePattern().IsMatch(name))
            reader.Report("name-invalid", key, $"'{name}' is no contract name. Use a letter, then letters, digits, dots, hyphens and underscores; at most 100.");
        if (name.StartsWith(BuiltInContracts.NamePrefix, StringComparison.Ordinal) && !isBuiltIn)
            reader.Report("name-invalid", key, $"'{name}' starts with '{BuiltInContracts.NamePrefix}', as only the system's own contracts do. Choose another.");
        return name;
    }

    private static (string Full, int Major) ReadVersion(MappingReader reader)
    {
        var text = reader.RequiredText("version", "1.0.0");
        if (text.Length == 0) return ("0.0.0", 0);
        if (VersionPattern().Match(text) is { Success: true } match)
            return (text, int.Parse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture));
        reader.Report("version-invalid", "version", $"'{text}' is no version. Write three numbers, the first from 1: version: 1.0.0");
        return ("0.0.0", 0);
    }

    private static string ReadCategory(MappingReader reader, CustomProperties custom, bool isBuiltIn)
    {
        if (custom["category"] is not { } property)
        {
            reader.Report("custom-property-missing", "customProperties",
                "The custom property eventfeatures.category is missing; it names the streams. Write for example - { property: eventfeatures.category, value: card }");
            return "";
        }
        var category = property.Text("value") ?? "";
        // The first hyphen of a stream's name ends its category.
        if (category.Length > 0 && !CategoryPattern().IsMatch(category))
            property.Report("category-invalid", "value", $"'{category}' is no category. Use a letter, then letters, digits, dots and underscores, without a hyphen; at most 100.");
        if (ReservedCategories.Contains(category) && !isBuiltIn)
            property.Report("category-reserved", "value", $"'{category}' is a category of the system's own streams. Choose another, for example {category}_data.{(category == "prediction" ? " Views read predictions and outcomes by the contracts eventfeatures.prediction/1 and eventfeatures.outcome/1." : "")}");
        return category;
    }

    private static Dictionary<string, EventSchema> ReadEventTypes(MappingReader reader)
    {
        var types = new Dictionary<string, EventSchema>();
        if (!reader.Has("schema") || reader.Node["schema"] is SequenceNode { Items.Count: 0 })
            reader.Report("key-missing", "schema", "A contract needs at least one event type under 'schema'.");
        foreach (var item in reader.Mappings("schema"))
        {
            item.AllowOnly("An event type", OdcsKeys.SchemaObject);
            _ = new CustomProperties(item, []);
            var name = item.RequiredText("name", "PaymentAuthorised");
            if (name.StartsWith('$'))
                item.Report("name-invalid", "name", $"'{name}' starts with '$', as only the log's own event types do. Rename it.");
            if (item.Has("logicalType")) item.OneOf("logicalType", "object");
            var schema = new EventSchema(name, FieldReader.ReadAll(item));
            if (name.Length > 0 && !types.TryAdd(name, schema))
                item.Report("name-duplicate", "name", $"The event type '{name}' occurs twice. Keep one.");
        }
        return types;
    }

    private static string? ReadEventTime(CustomProperties custom, Dictionary<string, EventSchema> types)
    {
        if (custom["eventTime"] is not { } property || property.Text("value") is not { } name) return null;
        foreach (var type in types.Values)
        {
            if (type.Find(name) is not { } field)
                property.Report("event-time-invalid", "value", $"The event type '{type.Name}' has no field '{name}' to hold the event time.{Suggestion.For(name, type.Fields.Select(one => one.Name))}");
            else if (field.Type != ValueKind.Timestamp || !field.Required)
                property.Report("event-time-invalid", "value", $"The field '{name}' of '{type.Name}' holds the event time, so it has to be logicalType: timestamp and required: true.");
        }
        return name;
    }

    /// <summary>Version 3.0 has a list of members; 3.1 may wrap it in a mapping.</summary>
    private static string ReadOwner(MappingReader reader)
    {
        var members = reader.Node["team"] switch
        {
            MappingNode => reader.Mapping("team")!.Mappings("members"),
            SequenceNode => reader.Mappings("team"),
            _ => [],
        };
        var owner = members.FirstOrDefault(member => member.Text("role")?.Contains("owner", StringComparison.OrdinalIgnoreCase) == true)
            ?? members.FirstOrDefault();
        return owner?.Text("username") ?? "";
    }

    [GeneratedRegex(@"^v3\.\d+\.\d+$")]
    private static partial Regex ApiVersionPattern();

    [GeneratedRegex(@"^([1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$")]
    private static partial Regex VersionPattern();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_.-]{0,99}$")]
    private static partial Regex NamePattern();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_.]{0,99}$")]
    private static partial Regex CategoryPattern();
}
