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

    /// <summary>Reads an attempt, or null where the event is of another kind or was not written by <see cref="Write"/>.</summary>
    public static QuarantineAttempt? Read(RecordedEvent recorded)
    {
        if (recorded.Type is not (QuarantineAttempt.RedrivenType or QuarantineAttempt.RedriveFailedType or QuarantineAttempt.DiscardedType)) return null;
        using var document = JsonDocument.Parse(recorded.Data);
        var root = document.RootElement;
        return new QuarantineAttempt(recorded.Type, root.GetProperty("entryId").GetGuid(), Text("by"), Text("why"), Text("code"), Text("detail"))
        {
            At = recorded.Created,
            AppendedAt = Text("appendedAt") is { Length: > 0 } position ? new Position(ulong.Parse(position, NumberStyles.None, CultureInfo.InvariantCulture)) : null,
        };

        string Text(string name) => root.TryGetProperty(name, out var member) ? member.GetString() ?? "" : "";
    }
}
