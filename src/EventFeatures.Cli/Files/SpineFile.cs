using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureViews;

namespace EventFeatures.Cli.Files;

/// <summary>A spine: entity keys and instants to join features onto, one JSON object a line, as <c>evaluate</c> reads it too.</summary>
internal static class SpineFile
{
    private const string Example = """{"card": "4929", "time": "2026-01-01T00:00:00Z", "label": 1}""";

    /// <summary>One line: its row without the columns, and these.</summary>
    public sealed record Line(SpineRow Row, IReadOnlyDictionary<string, Value> Columns);

    public static async Task<IReadOnlyList<Line>> ReadAsync(string path, CancellationToken cancellation)
    {
        var rows = new List<Line>();
        await foreach (var (_, row) in JsonLines.ReadAsync(path, Example, Read, cancellation).ConfigureAwait(false)) rows.Add(row);
        return rows;
    }

    private static Line Read(InputLine line)
    {
        line.RefuseTypos(["time", "label", "knownAt"]);
        var row = new SpineRow { Time = line.Time("time").ToString() };
        if (line.Has("label")) row.Label = LabelOf(line, line.Required("label"));
        if (line.Has("knownAt")) row.KnownAt = PositionOf(line, line.Required("knownAt"));
        return new Line(row, ColumnsOf(line));
    }

    /// <summary>What a line holds besides its time, its label and what was known.</summary>
    public static IReadOnlyDictionary<string, Value> ColumnsOf(InputLine line) => line.Members
        .Where(member => member.Name is not ("time" or "label" or "knownAt") && member.Value.ValueKind != JsonValueKind.Null)
        .ToDictionary(member => member.Name, member => ValueOf(line, member));

    private static double LabelOf(InputLine line, JsonElement label) => label.ValueKind switch
    {
        JsonValueKind.Number => label.GetDouble(),
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        _ => throw line.Wrong($"'label' is {label.GetRawText()}, but a label is 1 or 0. Leave it out where it is not known."),
    };

    private static ulong PositionOf(InputLine line, JsonElement position) =>
        position.ValueKind == JsonValueKind.Number && position.TryGetUInt64(out var value)
            ? value
            : throw line.Wrong($"'knownAt' is {position.GetRawText()}, but it is a position of the log: a whole number.");

    private static Value ValueOf(InputLine line, JsonProperty member) => member.Value.ValueKind switch
    {
        JsonValueKind.String => new Value { Text = member.Value.GetString() },
        JsonValueKind.True or JsonValueKind.False => new Value { Boolean = member.Value.GetBoolean() },
        JsonValueKind.Number when member.Value.TryGetInt64(out var integer) => new Value { Integer = integer },
        JsonValueKind.Number => new Value { Number = member.Value.GetDouble() },
        _ => throw line.Wrong($"'{member.Name}' is {member.Value.ValueKind}, but a column is a text, a number or a boolean."),
    };
}
