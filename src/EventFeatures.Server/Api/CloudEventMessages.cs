using System.Text;
using System.Text.Json;
using EventFeatures.Application.Events;
using EventFeatures.Core.Events;
using EventFeatures.Server.Errors;

namespace EventFeatures.Server.Api;

/// <summary>
/// Reads CloudEvents 1.0 in JSON. The subject names the stream; the data's bytes are kept as they were written. An id
/// that is no UUID becomes one that follows from source and id, which together are unique by that standard.
/// </summary>
internal static class CloudEventMessages
{
    public static AppendEvents ToCommand(JsonElement body)
    {
        var items = body.ValueKind switch
        {
            JsonValueKind.Array => [.. body.EnumerateArray().Select((element, index) => Item(element, $"[{index}]."))],
            JsonValueKind.Object => (List<AppendItem>)[Item(body, "")],
            _ => throw new InvalidRequestException("body", "The body is neither a CloudEvent, a JSON object, nor a batch of them, a JSON array."),
        };
        if (items.Count == 0) throw new InvalidRequestException("body", "The batch is empty. Send at least one CloudEvent.");
        var correlation = body.ValueKind == JsonValueKind.Object ? Text(body, "correlationid", "") : null;
        return new AppendEvents(items)
        {
            CorrelationId = Callers.Correlation(correlation ?? ""),
            CausationId = body.ValueKind == JsonValueKind.Object ? Text(body, "causationid", "") : null,
        };
    }

    private static AppendItem Item(JsonElement element, string at)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new InvalidRequestException(at.TrimEnd('.'), $"{at.TrimEnd('.')}: a CloudEvent is a JSON object, not {element.ValueKind}.");
        var version = Required(element, "specversion", at);
        if (version != "1.0") throw new InvalidRequestException(at + "specversion", $"{at}specversion: '{version}' is not served. Send CloudEvents 1.0.");
        var source = Required(element, "source", at);
        var id = Required(element, "id", at);
        return new AppendItem(Required(element, "subject", at), Required(element, "type", at), Data(element, at))
        {
            EventId = Guid.TryParse(id, out var uuid) ? uuid : EventIds.Derive(source, id),
            OccurredAt = Fields.TimeOrNone(Text(element, "time", at) ?? "", at + "time"),
            RecordedAt = Fields.TimeOrNone(Text(element, "recordedat", at) ?? "", at + "recordedat"),
            Subject = Text(element, "datasubject", at),
        };
    }

    private static ReadOnlyMemory<byte> Data(JsonElement element, string at)
    {
        if (element.TryGetProperty("data", out var data)) return Encoding.UTF8.GetBytes(data.GetRawText());
        if (Text(element, "data_base64", at) is not { } encoded)
            throw new InvalidRequestException(at + "data", $"{at}data is missing. An event carries its payload there, as JSON.");
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length)
            ? bytes.AsMemory(0, length)
            : throw new InvalidRequestException(at + "data_base64", $"{at}data_base64 is not base64.");
    }

    private static string Required(JsonElement element, string name, string at) =>
        Text(element, name, at) is { Length: > 0 } text
            ? text
            : throw new InvalidRequestException(at + name, name == "subject"
                ? $"{at}subject is missing. It names the stream, category-key, for example card-4929."
                : $"{at}{name} is missing. CloudEvents 1.0 demands it.");

    private static string? Text(JsonElement element, string name, string at)
    {
        if (!element.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null) return null;
        return member.ValueKind == JsonValueKind.String
            ? member.GetString()
            : throw new InvalidRequestException(at + name, $"{at}{name} is {member.GetRawText()}; it must be a string.");
    }
}
