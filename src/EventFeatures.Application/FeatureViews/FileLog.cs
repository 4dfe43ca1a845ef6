using System.Text;
using System.Text.Json;
using EventFeatures.Core.Events;
using EventFeatures.Core.Time;

namespace EventFeatures.Application.FeatureViews;

/// <summary>A file of events as a log: the first event is at position 1, the file's order is the log's.</summary>
/// <param name="Streams">The events of each stream.</param>
/// <param name="LineOf">The file's line of each position, less one.</param>
internal sealed record FileLog(IReadOnlyDictionary<string, List<RecordedEvent>> Streams, IReadOnlyList<int> LineOf)
{
    private static readonly string[] Members = ["stream", "type", "id", "time", "recordedAt", "data"];

    /// <summary>Stands for "the file does not say when": such an event was known as soon as it occurred.</summary>
    public static readonly Instant RecordedAtUnstated = Instant.MaxValue;

    /// <summary>How many events there are.</summary>
    public int Count => LineOf.Count;

    /// <exception cref="EvaluationInputException">A line is no event.</exception>
    public static async Task<FileLog> ReadAsync(EvaluationInput input, CancellationToken cancellation)
    {
        var streams = new Dictionary<string, List<RecordedEvent>>();
        var lines = new List<int>();
        for (var number = 1; await input.Lines.ReadLineAsync(cancellation) is { } text; number++)
        {
            if (string.IsNullOrWhiteSpace(text)) continue;
            using var line = InputLine.Parse(input.Name, number, text);
            var stream = line.Text("stream");
            if (!streams.TryGetValue(stream, out var history)) streams[stream] = history = [];
            lines.Add(number);
            history.Add(Read(line, stream, history.Count, new Position((ulong)lines.Count)));
        }
        return new FileLog(streams, lines);
    }

    private static RecordedEvent Read(InputLine line, string stream, long revision, Position position)
    {
        line.RefuseTypos(Members);
        var (type, time) = (line.Text("type"), line.Time("time"));
        Instant? recordedAt = line.Has("recordedAt") ? line.Time("recordedAt") : null;
        var metadata = new EventMetadata { OccurredAt = time, RecordedAt = recordedAt, Imported = recordedAt is not null };
        return new RecordedEvent(
            stream, revision, position, Id(line, stream, position), type, recordedAt ?? RecordedAtUnstated, "application/json",
            Encoding.UTF8.GetBytes(line.Required("data").GetRawText()), metadata.ToJson());
    }

    /// <summary>An event without an id is one of its own; an id that is no UUID names its event as well.</summary>
    private static Guid Id(InputLine line, string stream, Position position)
    {
        if (!line.Has("id")) return EventIds.Derive("evaluate", stream, position.ToString(), "unnamed");
        var text = line.Required("id") is { ValueKind: JsonValueKind.String } id ? id.GetString()! : line.Required("id").GetRawText();
        return Guid.TryParse(text, out var uuid) ? uuid : EventIds.Derive("evaluate", text);
    }
}
