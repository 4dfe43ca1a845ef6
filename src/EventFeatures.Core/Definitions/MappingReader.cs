using System.Globalization;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.Definitions;

/// <summary>
/// Reads the members of one mapping into typed values. What is wrong becomes an issue with its place, and reading
/// goes on with a stand-in, so that one pass finds everything.
/// </summary>
public sealed class MappingReader(SourceDocument source, MappingNode node, string path, IssueList issues)
{
    /// <summary>The mapping.</summary>
    public MappingNode Node { get; } = node;

    /// <summary>Where in the document this mapping is; empty for the document itself.</summary>
    public string Path { get; } = path;

    /// <summary>Adds an issue at a member, or at the mapping itself when <paramref name="key"/> is empty.</summary>
    public void Report(string code, string key, string message) => issues.Add(source, code, At(key), message);

    /// <summary>The path of a member.</summary>
    public string At(string key) => Path.Length == 0 || key.Length == 0 ? Path + key : $"{Path}.{key}";

    /// <summary>Reports every key that is not allowed.</summary>
    public void AllowOnly(string what, params IReadOnlyList<string> allowed)
    {
        foreach (var entry in Node.Entries.Where(entry => !allowed.Contains(entry.Key)))
            Report("key-unknown", entry.Key, $"{what} has no key '{entry.Key}'.{Suggestion.For(entry.Key, allowed)}");
    }

    /// <summary>Whether a key is there and not null.</summary>
    public bool Has(string key) => Node[key] is not (null or ScalarNode { Type: ScalarType.Null });

    /// <summary>A text that must be there and not be empty; empty after an issue.</summary>
    public string RequiredText(string key, string example)
    {
        if (!Has(key))
            Report("key-missing", key, $"'{key}' is missing. Write for example {key}: {example}");
        else if (Text(key) is { } text && (text.Length > 0 || Refuse(key, "is empty", $"Write for example {key}: {example}")))
            return text;
        return "";
    }

    /// <summary>A text, or <see langword="null"/> when absent or not a text.</summary>
    public string? Text(string key)
    {
        if (!Has(key)) return null;
        if (Node[key] is ScalarNode { Type: ScalarType.String } scalar) return scalar.Text;
        WrongType(key, "text", Node[key] is ScalarNode ? "Write it in quotes." : "");
        return null;
    }

    /// <summary>A text that is one of a few; <see langword="null"/> when absent or not one of them.</summary>
    public string? OneOf(string key, params IReadOnlyList<string> allowed)
    {
        if (Text(key) is not { } text) return null;
        if (allowed.Contains(text)) return text;
        Report("value-unknown", key, $"'{text}' is no {key}.{Suggestion.For(text, allowed)}");
        return null;
    }

    /// <summary>A whole number, or <see langword="null"/> when absent or not one.</summary>
    public long? Integer(string key)
    {
        if (!Has(key)) return null;
        if (Node[key] is ScalarNode { Type: ScalarType.Number } scalar
            && long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            return value;
        WrongType(key, "a whole number", "");
        return null;
    }

    /// <summary>A finite number, or <see langword="null"/> when absent or not one.</summary>
    public double? Number(string key)
    {
        if (!Has(key)) return null;
        if (Node[key] is ScalarNode { Type: ScalarType.Number } scalar
            && double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value))
            return value;
        WrongType(key, "a number", "");
        return null;
    }

    /// <summary>A number exactly as it is written, or <see langword="null"/> when absent or not one that the canonical text keeps: of up to 17 digits.</summary>
    public decimal? Decimal(string key)
    {
        if (!Has(key)) return null;
        if (Node[key] is ScalarNode scalar && ScalarValues.KeptDecimal(scalar) is { } value) return value;
        WrongType(key, "a number of at most 17 digits", "");
        return null;
    }

    /// <summary>True or false, or <see langword="null"/> when absent or neither.</summary>
    public bool? Boolean(string key)
    {
        if (!Has(key)) return null;
        if (Node[key] is ScalarNode { Type: ScalarType.Boolean } scalar) return scalar.Text == "true";
        WrongType(key, "true or false", "");
        return null;
    }

    /// <summary>A duration of more than zero, or <see langword="null"/> when absent or not one.</summary>
    public Duration? Duration(string key, bool zeroAllowed = false)
    {
        if (!Has(key)) return null;
        if (Node[key] is ScalarNode scalar && Time.Duration.TryParse(scalar.Text, out var duration)
            && (zeroAllowed || duration > Time.Duration.Zero))
            return duration;
        Report("duration-invalid", key,
            $"'{key}' is {Node[key]!.Describe()}, which is no duration{(zeroAllowed ? "" : " of more than zero")}. Write one whole number and one unit: 250ms, 90s, 15m, 2h or 7d.");
        return null;
    }

    /// <summary>The mapping of a key, or <see langword="null"/> when absent or no mapping.</summary>
    public MappingReader? Mapping(string key)
    {
        if (!Has(key)) return null;
        if (Node[key] is MappingNode mapping) return new MappingReader(source, mapping, At(key), issues);
        WrongType(key, "a mapping", "");
        return null;
    }

    /// <summary>The mappings of a list; empty when absent. An item that is no mapping is an issue and left out.</summary>
    public IReadOnlyList<MappingReader> Mappings(string key)
    {
        var readers = new List<MappingReader>();
        foreach (var (item, at) in Items(key))
        {
            if (item is MappingNode mapping) readers.Add(new MappingReader(source, mapping, at, issues));
            else issues.Add(source, "type-wrong", at, $"A mapping is needed here, but this is {item.Describe()}.");
        }
        return readers;
    }

    /// <summary>The items of a list with their paths; empty when absent.</summary>
    public IReadOnlyList<(DocumentNode Item, string Path)> Items(string key)
    {
        if (!Has(key)) return [];
        if (Node[key] is SequenceNode list) return [.. list.Items.Select((item, index) => (item, $"{At(key)}[{index}]"))];
        WrongType(key, "a list", "");
        return [];
    }

    private void WrongType(string key, string wanted, string nextStep) =>
        Report("type-wrong", key, $"'{key}' has to be {wanted}, but is {Node[key]!.Describe()}. {nextStep}".TrimEnd());

    private bool Refuse(string key, string what, string nextStep)
    {
        Report("value-invalid", key, $"'{key}' {what}. {nextStep}");
        return false;
    }
}
