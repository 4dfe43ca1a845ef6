using System.Text.Json;
using EventFeatures.Core.Events;
using EventFeatures.Core.Time;

namespace EventFeatures.IntegrationTests.FeatureViews.Streams;

/// <summary>One half-hour of a stream, with a field of each type.</summary>
/// <param name="Index">From 0, in the order of the file.</param>
/// <param name="At">When it occurred.</param>
/// <param name="Number">A double, as the file has it.</param>
/// <param name="Exact">An exact decimal of at most six places.</param>
/// <param name="Whole">A whole number from 0 to 1,000,000.</param>
/// <param name="Word">The part of the day.</param>
/// <param name="Flag">Whether the stream is high.</param>
/// <param name="Maybe">A double that is missing at times.</param>
/// <param name="Left">The first element of the list.</param>
/// <param name="Right">Its second element.</param>
/// <param name="Part">The part of the stream that is an entity of its own.</param>
internal sealed record StreamRow(
    int Index, Instant At, double Number, decimal Exact, long Whole, string Word, bool Flag, double? Maybe, long Left, long Right, string Part)
{
    private static readonly string[] Parts = ["night", "morning", "day", "evening"];

    /// <summary>The part of the day at an hour.</summary>
    public static string WordAt(int hour) => Parts[hour / 6];

    /// <summary>The payload.</summary>
    public byte[] ToJson()
    {
        using var buffer = new MemoryStream(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("occurred_at", At.ToString());
            writer.WriteNumber("number", Number);
            writer.WriteNumber("exact", Exact);
            writer.WriteNumber("whole", Whole);
            writer.WriteString("word", Word);
            writer.WriteBoolean("flag", Flag);
            if (Maybe is { } maybe) writer.WriteNumber("maybe", maybe);
            else writer.WriteNull("maybe");
            writer.WriteStartArray("vector");
            writer.WriteNumberValue(Left);
            writer.WriteNumberValue(Right);
            writer.WriteEndArray();
            writer.WriteString("part", Part);
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>The event, known as soon as it occurred.</summary>
    public EventData ToEvent(string type) => new(
        new Guid(Index, (short)type.Length, 0, 0, 0, 0, 0, 0, 0, 0, 1), type, ToJson(),
        new EventMetadata { OccurredAt = At, RecordedAt = At, Imported = true }.ToJson());
}
