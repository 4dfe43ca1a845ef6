using System.Runtime.CompilerServices;
using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Cli.Connection;

namespace EventFeatures.Cli.Files.Spines;

/// <summary>A spine of one JSON object a line, as <c>evaluate</c> reads it too.</summary>
internal static class JsonSpine
{
    private const string Example = """{"card": "4929", "time": "2026-01-01T00:00:00Z", "label": 1}""";

    public static async IAsyncEnumerable<SpineRow> ReadAsync(string path, SpineColumns columns, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var (line, row) in JsonLines.ReadAsync(path, Example, line => Read(line, columns), cancellation).ConfigureAwait(false))
        {
            row.Number = line;
            yield return row;
        }
    }

    /// <summary>What a line holds besides its time, its label and what was known.</summary>
    public static IReadOnlyDictionary<string, Value> ColumnsOf(InputLine line, SpineColumns columns) => line.Members
        .Where(member => !SpineFile.OwnColumns.Contains(member.Name) && member.Value.ValueKind != JsonValueKind.Null)
        .ToDictionary(member => member.Name, member => ValueOf(line, member, columns));

    private static SpineRow Read(InputLine line, SpineColumns columns)
    {
        line.RefuseTypos(SpineFile.OwnColumns);
        line.RefuseMisspelt(columns.ContextFields, columns.IsKnown);
        var row = new SpineRow { Time = line.Time(SpineFile.Time).ToString() };
        if (line.Has(SpineFile.Label)) row.Label = LabelOf(line, line.Required(SpineFile.Label));
        if (line.Has(SpineFile.KnownAt)) row.KnownAt = PositionOf(line, line.Required(SpineFile.KnownAt));
        columns.Fill(row, ColumnsOf(line, columns), line.Wrong);
        return row;
    }

    private static double LabelOf(InputLine line, JsonElement label) => label.ValueKind switch
    {
        JsonValueKind.Number when double.IsFinite(label.GetDouble()) => label.GetDouble(),
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        _ => throw line.Wrong($"'label' is {label.GetRawText()}, but a label is 1 or 0. Leave it null where it is not known."),
    };

    private static ulong PositionOf(InputLine line, JsonElement position) =>
        position.ValueKind == JsonValueKind.Number && position.TryGetUInt64(out var value)
            ? value
            : throw line.Wrong($"'knownAt' is {position.GetRawText()}, but it is a position of the log: a whole number.");

    private static Value ValueOf(InputLine line, JsonProperty member, SpineColumns columns) => member.Value.ValueKind switch
    {
        JsonValueKind.String => new Value { Text = member.Value.GetString() },
        JsonValueKind.True or JsonValueKind.False => new Value { Boolean = member.Value.GetBoolean() },
        JsonValueKind.Number => JsonNumber.Read(line, member.Name, member.Value, columns),
        _ => throw line.Wrong($"'{member.Name}' is {member.Value.ValueKind}, but a column is a text, a number or a boolean."),
    };
}
