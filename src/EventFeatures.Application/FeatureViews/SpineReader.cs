using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EventFeatures.Core.Entities;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Application.FeatureViews;

/// <summary>Reads a spine line by line.</summary>
internal sealed class SpineReader(EvaluationInput input, int events)
{
    /// <summary>The columns that mean the same in every spine.</summary>
    public static readonly string[] OwnColumns = ["time", "knownAt"];

    private int _number;

    /// <summary>The next line; <see langword="null"/> after the last.</summary>
    /// <exception cref="EvaluationInputException">The line is no spine line.</exception>
    public async Task<SpineLine?> NextAsync(CancellationToken cancellation)
    {
        string? text;
        do
        {
            _number++;
            if ((text = await input.Lines.ReadLineAsync(cancellation)) is null) return null;
        }
        while (string.IsNullOrWhiteSpace(text));
        var line = InputLine.Parse(input.Name, _number, text);
        line.RefuseTypos(OwnColumns);
        return new SpineLine(line, line.Time("time"), KnownAt(line));
    }

    private long? KnownAt(InputLine line)
    {
        if (!line.Has("knownAt")) return null;
        if (line.Required("knownAt") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var known) && known >= 0 && known <= events) return known;
        throw line.Wrong($"'knownAt' is {line.Required("knownAt").GetRawText()}, but it counts the events of the file that were known: a whole number from 0 to {events}.");
    }
}

/// <summary>One line of a spine.</summary>
/// <param name="Line">The line.</param>
/// <param name="Time">The instant that the features describe.</param>
/// <param name="KnownAt">How many events of the file were known; <see langword="null"/> for those recorded by then.</param>
internal sealed record SpineLine(InputLine Line, Instant Time, long? KnownAt)
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] Added = ["features", "status"];

    /// <summary>Whether an admitted row was known.</summary>
    public bool Knows(FeatureRow row) => KnownAt is { } known
        ? row.Position.Value <= (ulong)known
        : row.RecordedAt <= Time || row.RecordedAt == FileLog.RecordedAtUnstated;

    /// <summary>The key under the entity's name or, part by part, under the names of its keys.</summary>
    public string KeyOf(Entity entity)
    {
        var given = new Dictionary<string, string>();
        foreach (var name in entity.Keys.Select(part => part.Name).Append(entity.Name).Where(Line.Has)) given[name] = KeyText(name);
        return EntityKeys.Find(entity, given)
            ?? throw Line.Wrong($"The key of '{entity.Name}' is missing. Give {string.Join(" and ", entity.Keys.Count == 1 ? [entity.Name] : entity.Keys.Select(part => part.Name))} as a column.");
    }

    /// <summary>The columns that are the request's context.</summary>
    /// <param name="service">Declares it.</param>
    /// <param name="keys">The columns that hold keys, whatever they look like.</param>
    public Dictionary<string, Value> Context(FeatureService service, IReadOnlySet<string> keys)
    {
        Line.RefuseMisspelt(
            service.Context.Select(field => field.Name),
            name => SpineReader.OwnColumns.Contains(name) || keys.Contains(name) || service.Context.Any(field => field.Name == name));
        return service.Context.Where(field => Line.Has(field.Name)).ToDictionary(field => field.Name, ValueOf);
    }

    /// <summary>The line with its features and their statuses, ready to be written.</summary>
    public string With(IReadOnlyList<EvaluatedFeature> features)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            foreach (var member in Line.Members)
            {
                if (Added.Contains(member.Name)) throw Line.Wrong($"The column '{member.Name}' would be overwritten. Rename it.");
                writer.WritePropertyName(member.Name);
                writer.WriteRawValue(member.Value.GetRawText());
            }
            writer.WriteStartObject("features");
            foreach (var feature in features)
            {
                writer.WritePropertyName(feature.Name);
                ValueJson.Write(writer, feature.Value);
            }
            writer.WriteEndObject();
            writer.WriteStartObject("status");
            foreach (var feature in features) writer.WriteString(feature.Name, FeatureValue.Name(feature.Status));
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        Line.Dispose();
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private string KeyText(string name) => Line.Required(name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out _) => number.GetRawText(),
        var other => throw Line.Wrong($"'{name}' is {other.GetRawText()}, but a key is a text or a whole number."),
    };

    private Value ValueOf(ContextField field) => Line.Required(field.Name) switch
    {
        { ValueKind: JsonValueKind.String } text => Value.Of(text.GetString()!),
        { ValueKind: JsonValueKind.True } => Value.Of(true),
        { ValueKind: JsonValueKind.False } => Value.Of(false),
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var integer) => Value.Of(integer),
        // As a double it would lose digits that its type keeps.
        { ValueKind: JsonValueKind.Number } number when field.Type == ValueKind.Decimal => ExactDecimal.TryParse(JsonMarshal.GetRawUtf8Value(number), out var exact)
            ? Value.Of(exact)
            : throw Line.Wrong($"'{field.Name}' is {number.GetRawText()}, which has more digits than a decimal of 96 bits with 28 places holds. Round it."),
        { ValueKind: JsonValueKind.Number } number when double.IsFinite(number.GetDouble()) => Value.Of(number.GetDouble()),
        var other => throw Line.Wrong($"'{field.Name}' is {other.GetRawText()}, but a context field is a text, a number of 64 bits or a boolean."),
    };
}
