using System.Text;
using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Application.Events;
using EventFeatures.Core.Events;
using EventFeatures.Server.Errors;
using Microsoft.AspNetCore.Http;

namespace EventFeatures.Server.Api;

/// <summary>
/// Reads CloudEvents 1.0: in JSON, one or a batch, and in binary mode, with the attributes as headers. The subject names
/// the stream; the data's bytes are kept as they were written. An id that is no UUID becomes one that follows from
/// source and id, which together are unique by that standard. The producer is the source, unless an extension names one.
/// </summary>
internal static class CloudEventMessages
{
    private const string HeaderPrefix = "ce-";

    /// <summary>Whether a request is a CloudEvent in binary mode.</summary>
    public static bool IsBinary(IHeaderDictionary headers) => headers.ContainsKey(HeaderPrefix + "specversion");

    public static (AppendEvents Command, AppendPriority Priority) ToCommand(JsonElement body)
    {
        var elements = body.ValueKind switch
        {
            JsonValueKind.Array => [.. body.EnumerateArray().Select((element, index) => (Element: element, At: $"[{index}]."))],
            JsonValueKind.Object => (List<(JsonElement Element, string At)>)[(body, "")],
            _ => throw new InvalidRequestException("body", "The body is neither a CloudEvent, a JSON object, nor a batch of them, a JSON array."),
        };
        if (elements.Count == 0) throw new InvalidRequestException("body", "The batch is empty. Send at least one CloudEvent.");
        var envelopes = elements.ConvertAll(one => one.Element.ValueKind == JsonValueKind.Object
            ? new Envelope(name => Text(one.Element, name, one.At), one.At)
            : throw new InvalidRequestException(one.At.TrimEnd('.'), $"{one.At.TrimEnd('.')}: a CloudEvent is a JSON object, not {one.Element.ValueKind}."));
        var items = elements.Zip(envelopes, (one, envelope) => envelope.ToItem(() => Data(one.Element, one.At)));
        return Command([.. items], envelopes);
    }

    public static (AppendEvents Command, AppendPriority Priority) ToCommand(IHeaderDictionary headers, ReadOnlyMemory<byte> data)
    {
        var envelope = new Envelope(name => headers.TryGetValue(HeaderPrefix + name, out var value) ? Decoded(value.ToString()) : null, HeaderPrefix);
        return Command([envelope.ToItem(() => data)], [envelope]);
    }

    // A batch says nothing of itself: it is as urgent as its most urgent event, and only one event alone names its cause.
    private static (AppendEvents, AppendPriority) Command(List<AppendItem> items, List<Envelope> envelopes) =>
    (
        new AppendEvents(items)
        {
            CorrelationId = Callers.Correlation(envelopes is [var alone] ? alone.Text("correlationid") ?? "" : ""),
            CausationId = envelopes is [var only] ? only.Text("causationid") : null,
        },
        envelopes.TrueForAll(envelope => envelope.IsBulk()) ? AppendPriority.Bulk : AppendPriority.Normal
    );

    private static ReadOnlyMemory<byte> Data(JsonElement element, string at)
    {
        if (Readable(at + "data", () => element.TryGetProperty("data", out var data) ? data.GetRawText() : null) is { } json) return Encoding.UTF8.GetBytes(json);
        if (Text(element, "data_base64", at) is not { } encoded)
            throw new InvalidRequestException(at + "data", $"{at}data is missing. An event carries its payload there, as JSON.");
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length)
            ? bytes.AsMemory(0, length)
            : throw new InvalidRequestException(at + "data_base64", $"{at}data_base64 is not base64.");
    }

    private static string? Text(JsonElement element, string name, string at) => Readable(at + name, () =>
    {
        if (!element.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null) return null;
        return member.ValueKind == JsonValueKind.String
            ? member.GetString()
            : throw new InvalidRequestException(at + name, $"{at}{name} is {member.GetRawText()}; it must be a string.");
    });

    // What is between quotation marks is looked at only when it is asked for: half a surrogate pair or broken UTF-8 shows then.
    private static string? Readable(string field, Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException broken)
        {
            throw new InvalidRequestException(field, $"{field} cannot be read: {broken.Message} Send whole characters, in UTF-8.");
        }
    }

    /// <summary>As the standard's HTTP binding writes texts into headers: percent-encoded, perhaps in quotation marks.</summary>
    private static string Decoded(string header) =>
        Uri.UnescapeDataString(header is ['"', .. var quoted, '"'] ? quoted.Replace("\\\"", "\"", StringComparison.Ordinal).Replace(@"\\", @"\", StringComparison.Ordinal) : header);

    /// <summary>What a CloudEvent says of its data.</summary>
    /// <param name="Text">An attribute by its name.</param>
    /// <param name="At">Where the attributes stand, for messages.</param>
    private sealed record Envelope(Func<string, string?> Text, string At)
    {
        public AppendItem ToItem(Func<ReadOnlyMemory<byte>> data)
        {
            var version = Required("specversion");
            if (version != "1.0") throw new InvalidRequestException(At + "specversion", $"{At}specversion: '{version}' is not served. Send CloudEvents 1.0.");
            var source = Required("source");
            var id = Required("id");
            return new AppendItem(Required("subject"), Required("type"), data())
            {
                EventId = Guid.TryParse(id, out var uuid) ? uuid : EventIds.Derive(source, id),
                OccurredAt = Fields.TimeOrNone(Text("time") ?? "", At + "time"),
                RecordedAt = Fields.TimeOrNone(Text("recordedat") ?? "", At + "recordedat"),
                Subject = Text("datasubject"),
                Producer = Text("producer") is { Length: > 0 } producer ? producer : source,
            };
        }

        public bool IsBulk() => Text("priority")?.ToLowerInvariant() switch
        {
            null or "normal" => false,
            "bulk" => true,
            var other => throw new InvalidRequestException(At + "priority", $"{At}priority: '{other}' is neither normal nor bulk."),
        };

        private string Required(string name) =>
            Text(name) is { Length: > 0 } text
                ? text
                : throw new InvalidRequestException(At + name, name == "subject"
                    ? $"{At}subject is missing. It names the stream, category-key, for example card-4929."
                    : $"{At}{name} is missing. CloudEvents 1.0 demands it.");
    }
}
