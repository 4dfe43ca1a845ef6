using System.Globalization;
using System.Text;
using EventFeatures.Core.Events;

namespace EventFeatures.Testing.Faults.Load;

/// <summary>An event whose whole content follows from its id, so that a checker needs to know no more than the id.</summary>
public static class IdentifiedEvent
{
    /// <summary>The event of this id: mostly small, sometimes empty, at times of several thousand bytes.</summary>
    public static EventData Of(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        var random = new Random(BitConverter.ToInt32(bytes));
        var data = new byte[random.Next(12) switch { 0 => 0, 1 => random.Next(2_000, 8_000), _ => random.Next(1, 400) }];
        random.NextBytes(data);
        var metadata = random.Next(3) == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $$"""{"$correlationId":"{{id}}","n":{{random.Next()}}}""");
        return new EventData(
            id, "Happened" + (char)('A' + random.Next(5)), data, Encoding.UTF8.GetBytes(metadata),
            random.Next(2) == 0 ? "application/json" : "application/octet-stream");
    }

    /// <summary>Whether everything of the event is as it was appended.</summary>
    public static bool IsIntact(RecordedEvent recorded)
    {
        var appended = Of(recorded.EventId);
        return recorded.Type == appended.Type && recorded.ContentType == appended.ContentType
            && recorded.Data.Span.SequenceEqual(appended.Data.Span) && recorded.Metadata.Span.SequenceEqual(appended.Metadata.Span);
    }
}
