using System.Globalization;
using System.Text.Json;
using EventFeatures.Core.Events;

namespace EventFeatures.Application.Events.Quarantine;

/// <summary>The payload of what is done about an entry.</summary>
internal static class QuarantineAttemptJson
{
    public static byte[] Write(QuarantineAttempt attempt)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("entryId", attempt.EntryId);
            writer.WriteString("by", attempt.By);
            writer.WriteString("why", attempt.Why);
            if (attempt.Code.Length > 0) writer.WriteString("code", attempt.Code);
            if (attempt.Detail.Length > 0) writer.WriteString("detail", attempt.Detail);
            if (attempt.AppendedAt is { } position) writer.WriteString("appendedAt", position.ToString());
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>Whether an event is an attempt by its type, be it one that can be read or not.</summary>
    public static bool IsAttempt(RecordedEvent recorded) =>
        recorded.Type is QuarantineAttempt.RedrivenType or QuarantineAttempt.RedriveFailedType or QuarantineAttempt.DiscardedType;

    /// <summary>Reads an attempt, or null where the event is of another kind or was not written by <see cref="Write"/>.</summary>
    public static QuarantineAttempt? Read(RecordedEvent recorded)
    {
        if (!IsAttempt(recorded)) return null;
        try
        {
            using var document = JsonDocument.Parse(recorded.Data);
            return Read(recorded, document.RootElement);
        }
        catch (Exception foreign) when (foreign is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException)
        {
            return null;
        }
    }

    private static QuarantineAttempt Read(RecordedEvent recorded, JsonElement root)
    {
        return new QuarantineAttempt(recorded.Type, root.GetProperty("entryId").GetGuid(), Text("by"), Text("why"), Text("code"), Text("detail"))
        {
            At = recorded.Created,
            AppendedAt = Text("appendedAt") is { Length: > 0 } position ? new Position(ulong.Parse(position, NumberStyles.None, CultureInfo.InvariantCulture)) : null,
        };

        string Text(string name) => root.TryGetProperty(name, out var member) ? member.GetString() ?? "" : "";
    }
}
