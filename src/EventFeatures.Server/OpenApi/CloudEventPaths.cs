using System.Text.Json.Nodes;
using EventFeatures.Api.V1;

namespace EventFeatures.Server.OpenApi;

/// <summary>The one route that is not a gRPC method: events as CloudEvents, with their data as plain JSON.</summary>
internal static class CloudEventPaths
{
    public const string Path = "/v1/cloudevents";
    public const string One = "application/cloudevents+json";
    public const string Batch = "application/cloudevents-batch+json";

    public static void Add(JsonObject paths, OpenApiSchemas schemas)
    {
        var answer = schemas.Of(AppendResponse.Descriptor);
        paths[Path] = new JsonObject
        {
            ["post"] = new JsonObject
            {
                ["operationId"] = "Events_AppendCloudEvents",
                ["tags"] = new JsonArray("Events"),
                ["summary"] = "Appends CloudEvents 1.0; the subject names the stream. The events of one stream go in together, whole or not at all.",
                ["requestBody"] = new JsonObject
                {
                    ["content"] = new JsonObject
                    {
                        [One] = new JsonObject { ["schema"] = CloudEvent() },
                        [Batch] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "array", ["items"] = CloudEvent() } },
                    },
                },
                ["responses"] = new JsonObject
                {
                    ["200"] = new JsonObject { ["description"] = "Appended, and durable.", ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = answer } } },
                    ["default"] = new JsonObject { ["description"] = "What went wrong, and what to do next.", ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schemas.Error() } } },
                },
            },
        };
    }

    private static JsonObject CloudEvent()
    {
        var properties = new JsonObject();
        foreach (var name in (string[])["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "recordedat", "datasubject", "correlationid", "causationid", "producer", "priority"])
            properties[name] = new JsonObject { ["type"] = "string" };
        properties["data"] = new JsonObject { ["description"] = "The payload, any JSON." };
        return new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray("specversion", "id", "source", "type", "subject"),
            ["properties"] = properties,
        };
    }
}
