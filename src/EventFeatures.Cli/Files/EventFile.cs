using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureViews;
using Google.Protobuf;

namespace EventFeatures.Cli.Files;

/// <summary>A file of events, one JSON object a line, as <c>evaluate</c> reads it too.</summary>
internal static class EventFile
{
    private const string Example =
        """{"stream": "card-4929", "type": "PaymentAuthorised", "id": "<uuid>", "time": "2026-01-01T00:00:00Z", "data": {"amount": 12.5}}""";

    private static readonly string[] Members = ["stream", "type", "id", "time", "recordedAt", "subject", "data"];

    /// <summary>The events with their lines, each a request of its own, in the file's order.</summary>
    public static IAsyncEnumerable<(int Line, AppendRequest Request)> ReadAsync(string path, CancellationToken cancellation) =>
        JsonLines.ReadAsync(path, Example, Read, cancellation);

    private static AppendRequest Read(InputLine line)
    {
        line.RefuseTypos(Members);
        return new AppendRequest
        {
            Stream = line.Text("stream"),
            Events =
            {
                new Event
                {
                    Type = line.Text("type"),
                    EventId = IdOf(line),
                    OccurredAt = TimeOf(line, "time"),
                    RecordedAt = TimeOf(line, "recordedAt"),
                    Subject = line.Has("subject") ? line.Text("subject") : "",
                    Data = ByteString.CopyFromUtf8(line.Required("data").GetRawText()),
                },
            },
        };
    }

    private static string IdOf(InputLine line)
    {
        if (!line.Has("id")) return Guid.NewGuid().ToString();
        return Guid.TryParse(line.Text("id"), out var id)
            ? id.ToString()
            : throw line.Wrong($"'id' is \"{line.Text("id")}\", but an event's id is a UUID. Leave it out to have one made up.");
    }

    private static string TimeOf(InputLine line, string name) => line.Has(name) ? line.Time(name).ToString() : "";
}
