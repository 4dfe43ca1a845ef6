using EventFeatures.Core.Entities;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Definitions;

/// <summary>Reads an <see cref="Entity"/>.</summary>
internal static class EntityReader
{
    private static readonly IReadOnlyDictionary<string, ValueKind> KeyTypes = new Dictionary<string, ValueKind>
    {
        ["string"] = ValueKind.String,
        ["integer"] = ValueKind.Integer,
    };

    public static Entity Read(DefinitionHeader header)
    {
        var reader = header.Reader;
        reader.AllowOnly("An Entity", [.. DefinitionHeader.Keys, "keys"]);
        return new Entity
        {
            Name = DefinitionReader.ReadName(reader, "name", "card"),
            Version = DefinitionReader.ReadVersion(reader),
            Owner = reader.Text("owner") ?? "",
            Description = reader.Text("description") ?? "",
            CanonicalJson = header.CanonicalJson,
            Digest = header.Digest,
            Keys = ReadKeys(reader),
        };
    }

    private static IReadOnlyList<EntityKeyPart> ReadKeys(MappingReader reader)
    {
        if (!reader.Has("keys") || reader.Node["keys"] is SequenceNode { Items.Count: 0 })
        {
            reader.Report("key-missing", "keys", "An entity needs at least one key. Write for example keys: [ { name: card, type: string } ]");
            return [];
        }
        var parts = new List<EntityKeyPart>();
        foreach (var key in reader.Mappings("keys"))
        {
            key.AllowOnly("A key", "name", "type", "description");
            var name = DefinitionReader.ReadName(key, "name", "card");
            if (name.Length > 0 && parts.Any(part => part.Name == name))
                key.Report("name-duplicate", "name", $"The key '{name}' occurs twice.");
            var type = key.Has("type") ? key.OneOf("type", [.. KeyTypes.Keys]) : "string";
            parts.Add(new EntityKeyPart(name, KeyTypes[type ?? "string"]));
        }
        return parts;
    }
}
