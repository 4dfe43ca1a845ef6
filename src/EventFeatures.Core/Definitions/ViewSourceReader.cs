using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Core.Definitions;

/// <summary>Reads what a <see cref="FeatureView"/> is made from: <c>source</c> or <c>sources</c>, and <c>key</c>.</summary>
internal static class ViewSourceReader
{
    private const string Example = "source: { contract: payments.authorisation/1 }";

    public static IReadOnlyList<ViewSource> Read(MappingReader view)
    {
        // The key beside the sources holds for each that states none.
        var key = ReadKey(view);
        if (view.Has("source") && view.Has("sources"))
            view.Report("source-invalid", "sources", "The view has both 'source' and 'sources'. Keep one; 'sources' is a list of what 'source' is.");
        else if (view.Has("sources") && view.Node["sources"] is not SequenceNode { Items.Count: 0 })
            return [.. view.Mappings("sources").Select(source => Read(source, "A source", key))];
        else if (!view.Has("source"))
            view.Report("key-missing", "source", $"'source' is missing. Write for example {Example}");
        return view.Mapping("source") is { } only ? [Read(only, "source", key)] : [];
    }

    private static ViewSource Read(MappingReader source, string what, IReadOnlyList<string>? key)
    {
        source.AllowOnly(what, "contract", "key", "where", "as");
        return new ViewSource(source.RequiredText("contract", "payments.authorisation/1"))
        {
            Key = ReadKey(source) ?? key,
            Where = source.Text("where"),
            As = ReadNames(source),
        };
    }

    private static IReadOnlyList<string>? ReadKey(MappingReader reader)
    {
        if (!reader.Has("key")) return null;
        var fields = new List<string>();
        foreach (var (item, path) in reader.Items("key"))
        {
            if (item is ScalarNode { Type: ScalarType.String, Text: { Length: > 0 } field }) fields.Add(field);
            else reader.Report("type-wrong", $"key[{fields.Count}]", $"The key names payload fields, but this is {item.Describe()}.");
        }
        if (fields.Count == 0 && reader.Node["key"] is SequenceNode { Items.Count: 0 })
            reader.Report("key-field-invalid", "key", "The key names no field. Write for example key: [merchant], or leave it out where the stream's key is the entity's.");
        return fields;
    }

    private static IReadOnlyDictionary<string, string> ReadNames(MappingReader source)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        if (source.Mapping("as") is not { } map) return names;
        foreach (var entry in map.Node.Entries)
            if (map.Text(entry.Key) is { Length: > 0 } name) names[entry.Key] = name;
        return names;
    }
}
