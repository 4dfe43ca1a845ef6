using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureViews;

namespace EventFeatures.Cli.Files;

/// <summary>A spine: entity keys and instants to join features onto, one JSON object a line, as <c>evaluate</c> reads it too.</summary>
internal static class SpineFile
{
    private const string Example = """{"card": "4929", "time": "2026-01-01T00:00:00Z", "label": 1}""";

    public static async Task<IReadOnlyList<SpineRow>> ReadAsync(string path, CancellationToken cancellation)
    {
        var rows = new List<SpineRow>();
        await foreach (var (_, row) in JsonLines.ReadAsync(path, Example, Read, cancellation).ConfigureAwait(false)) rows.Add(row);
        return rows;
    }

    private static SpineRow Read(InputLine line)
    {
        line.RefuseTypos(["time", "label"]);
        var row = new SpineRow { Time = line.Time("time").ToString() };
        foreach (var member in line.Members)
            switch (member.Name)
            {
                case "time": break;
                case "label": row.Label = LabelOf(line, member.Value); break;
                default: row.Entities[member.Name] = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : member.Value.GetRawText(); break;
            }
        return row;
    }

    private static double LabelOf(InputLine line, JsonElement label) => label.ValueKind switch
    {
        JsonValueKind.Number => label.GetDouble(),
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        _ => throw line.Wrong($"'label' is {label.GetRawText()}, but a label is 1 or 0. Leave it out where it is not known."),
    };
}
