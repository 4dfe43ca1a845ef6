using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.Definitions;

/// <summary>Reads a <see cref="FeatureView"/>.</summary>
internal static class FeatureViewReader
{
    public static FeatureView Read(DefinitionHeader header)
    {
        var reader = header.Reader;
        reader.AllowOnly("A FeatureView", [.. DefinitionHeader.Keys, "entity", "source", "ttl", "features", "key"]);
        if (reader.Has("key"))
            reader.Report("key-unsupported", "key", "'key' is not supported by this version: a view's key is its stream's key. Leave it out, or have the producer name the streams by this key.");
        var source = reader.Mapping("source");
        source?.AllowOnly("source", "contract");
        if (!reader.Has("source"))
            reader.Report("key-missing", "source", "'source' is missing. Write for example source: { contract: payments.authorisation/1 }");
        return new FeatureView
        {
            Name = DefinitionReader.ReadName(reader, "name", "card_activity"),
            Version = DefinitionReader.ReadVersion(reader),
            Owner = reader.Text("owner") ?? "",
            Description = reader.Text("description") ?? "",
            CanonicalJson = header.CanonicalJson,
            Digest = header.Digest,
            Entity = DefinitionReader.ReadName(reader, "entity", "card"),
            Contract = source?.RequiredText("contract", "payments.authorisation/1") ?? "",
            Ttl = reader.Duration("ttl"),
            Features = ReadFeatures(reader),
        };
    }

    private static IReadOnlyList<Feature> ReadFeatures(MappingReader reader)
    {
        if (!reader.Has("features") || reader.Node["features"] is SequenceNode { Items.Count: 0 })
        {
            reader.Report("key-missing", "features", "A view needs at least one feature. Write for example features: [ { name: count_1h, aggregate: count, window: 1h } ]");
            return [];
        }
        var features = new List<Feature>();
        foreach (var item in reader.Mappings("features"))
        {
            item.AllowOnly("A feature", "name", "aggregate", "of", "where", "window", "description");
            var name = DefinitionReader.ReadName(item, "name", "count_1h");
            if (name.Length > 0 && features.Any(feature => feature.Name == name))
                item.Report("name-duplicate", "name", $"The view has two features named '{name}'. Rename one.");
            features.Add(new Feature(name, item.RequiredText("aggregate", "count"), WindowReader.Read(item))
            {
                Of = item.Text("of"),
                Where = item.Text("where"),
            });
        }
        return features;
    }
}

/// <summary>Reads the <c>window</c> of a feature.</summary>
internal static class WindowReader
{
    private static readonly string[] Kinds = ["sliding", "tumbling"];

    /// <summary>Windows and modifiers of the language that this version does not run. They are refused by name.</summary>
    private static readonly string[] Unsupported =
        ["hopping", "every", "session", "rows", "since", "calendar", "zone", "offset", "max_rows", "exclude", "bounds", "resolution", "merge", "gap"];

    public static Window Read(MappingReader feature)
    {
        if (!feature.Has("window")) return new Window.Unbounded();
        if (feature.Node["window"] is ScalarNode)
            return feature.Duration("window") is { } length ? new Window.Sliding(length) : new Window.Unbounded();
        return feature.Mapping("window") is { } window ? Read(feature, window) : new Window.Unbounded();
    }

    private static Window Read(MappingReader feature, MappingReader window)
    {
        var refused = window.Node.Entries.Where(entry => Unsupported.Contains(entry.Key)).ToList();
        foreach (var entry in refused)
            window.Report("window-unsupported", entry.Key, $"'{entry.Key}' is not supported by this version. It runs sliding windows (1h), {{ tumbling: 1h, which: previous }} and no window at all.");
        if (refused.Count > 0) return new Window.Unbounded();

        window.AllowOnly("A window", "sliding", "tumbling", "which");
        var stated = Kinds.Where(window.Has).ToList();
        if (stated.Count != 1)
        {
            feature.Report("window-invalid", "window", stated.Count == 0
                ? "The window says neither sliding nor tumbling. Write for example window: 1h, or window: { tumbling: 1h }."
                : "The window is both sliding and tumbling. Keep one.");
            return new Window.Unbounded();
        }
        var length = window.Duration(stated[0]) ?? Duration.Parse("1s");
        if (stated[0] == "tumbling") return new Window.Tumbling(length, window.OneOf("which", "current", "previous") == "previous");
        if (window.Has("which")) window.Report("window-invalid", "which", "'which' belongs to tumbling windows only.");
        return new Window.Sliding(length);
    }
}
