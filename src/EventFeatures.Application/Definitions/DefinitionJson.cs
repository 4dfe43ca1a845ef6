using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventFeatures.Core.Events;

namespace EventFeatures.Application.Definitions;

/// <summary>The events of the definition streams as JSON. A member that is missing or null is refused, not defaulted.</summary>
internal static class DefinitionJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        NumberHandling = JsonNumberHandling.Strict,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
        // A definition may be 64 levels deep, the default bound, and lies within its event.
        MaxDepth = 65,
    };

    public static EventData ToEventData<T>(T payload, Guid eventId, EventMetadata metadata) =>
        new(eventId, typeof(T).Name, JsonSerializer.SerializeToUtf8Bytes(payload, Options), metadata.ToJson());

    /// <exception cref="JsonException">The bytes are not such an event.</exception>
    public static T Read<T>(RecordedEvent recorded) =>
        JsonSerializer.Deserialize<T>(recorded.Data.Span, Options) ?? throw new JsonException("its payload is null");
}
