using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;

namespace EventFeatures.Cli.Verbs;

/// <summary>A spine: entity keys and instants to join features onto, one JSON object a line.</summary>
internal static class SpineFile
{
    public static IEnumerable<SpineRow> Read(string path)
    {
        if (!File.Exists(path)) throw new UsageException($"There is no file '{path}'.");
        var line = 0;
        foreach (var text in File.ReadLines(path))
        {
            line++;
            if (string.IsNullOrWhiteSpace(text)) continue;
            yield return ReadLine(path, line, text);
        }
        if (line == 0) throw new UsageException($"{path} is empty. A spine holds a line like {{\"card\": \"4929\", \"time\": \"2026-01-01T00:00:00Z\", \"label\": 1}}.");
    }

    private static SpineRow ReadLine(string path, int line, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var row = new SpineRow();
            foreach (var member in document.RootElement.EnumerateObject())
            {
                switch (member.Name)
                {
                    case "time": row.Time = member.Value.GetString() ?? ""; break;
                    case "label": row.Label = member.Value.GetDouble(); break;
                    default: row.Entities[member.Name] = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : member.Value.GetRawText(); break;
                }
            }
            if (row.Time.Length == 0) throw new UsageException($"{path}:{line}: 'time' is missing.");
            return row;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new UsageException($"{path}:{line}: not a spine row: {error.Message}", error);
        }
    }
}
