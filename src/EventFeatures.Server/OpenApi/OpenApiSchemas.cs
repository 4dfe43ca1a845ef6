using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;

namespace EventFeatures.Server.OpenApi;

/// <summary>Messages as JSON schemas, by the rules of protobuf's own JSON mapping.</summary>
internal sealed class OpenApiSchemas
{
    private readonly SortedDictionary<string, JsonObject> _components = new(StringComparer.Ordinal);

    /// <summary>A reference to a message's schema, which joins the components.</summary>
    public JsonObject Of(MessageDescriptor message)
    {
        if (!_components.ContainsKey(message.Name))
        {
            // Reserved before the fields are looked at, since messages may contain themselves.
            var schema = _components[message.Name] = new JsonObject { ["type"] = "object" };
            var properties = new JsonObject();
            foreach (var field in message.Fields.InDeclarationOrder()) properties[field.JsonName] = Of(field);
            schema["properties"] = properties;
        }
        return Reference(message.Name);
    }

    public JsonObject Of(FieldDescriptor field)
    {
        if (field.IsMap)
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = Single(field.MessageType.FindFieldByNumber(2)) };
        return field.IsRepeated ? new JsonObject { ["type"] = "array", ["items"] = Single(field) } : Single(field);
    }

    /// <summary>How every error is answered: google.rpc.Status.</summary>
    public JsonObject Error()
    {
        _components["Error"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["code"] = new JsonObject { ["type"] = "integer", ["description"] = "The gRPC status code." },
                ["message"] = new JsonObject { ["type"] = "string", ["description"] = "What happened, the values, and what to do next." },
                ["details"] = new JsonObject
                {
                    ["type"] = "array",
                    ["description"] = "google.rpc.ErrorInfo, whose reason is a stable code, and google.rpc.BadRequest.",
                    ["items"] = new JsonObject { ["type"] = "object" },
                },
            },
        };
        return Reference("Error");
    }

    public JsonObject Components()
    {
        var all = new JsonObject();
        foreach (var (name, schema) in _components) all[name] = schema;
        return all;
    }

    private JsonObject Single(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message when field.MessageType.File.Package == "google.protobuf" => new JsonObject { ["type"] = "object" },
        FieldType.Message => Of(field.MessageType),
        FieldType.Enum when field.EnumType.Name == "NullValue" => new JsonObject { ["nullable"] = true },
        FieldType.Enum => Names(field.EnumType),
        FieldType.Bool => new JsonObject { ["type"] = "boolean" },
        FieldType.Bytes => new JsonObject { ["type"] = "string", ["format"] = "byte" },
        FieldType.String => new JsonObject { ["type"] = "string" },
        FieldType.Double => new JsonObject { ["type"] = "number", ["format"] = "double" },
        FieldType.Float => new JsonObject { ["type"] = "number", ["format"] = "float" },
        FieldType.Int32 or FieldType.UInt32 => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
        // 64-bit numbers are strings in JSON, since a double cannot hold them all.
        FieldType.Int64 or FieldType.SInt64 => new JsonObject { ["type"] = "string", ["format"] = "int64" },
        FieldType.UInt64 => new JsonObject { ["type"] = "string", ["format"] = "uint64" },
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static JsonObject Names(EnumDescriptor type)
    {
        var names = new JsonArray();
        foreach (var value in type.Values) names.Add((JsonNode)value.Name);
        return new JsonObject { ["type"] = "string", ["enum"] = names };
    }

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };
}
