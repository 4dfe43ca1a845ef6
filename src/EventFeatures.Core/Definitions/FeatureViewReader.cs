using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Core.Definitions;

/// <summary>Reads a <see cref="FeatureView"/>.</summary>
internal static class FeatureViewReader
{
    public static FeatureView Read(DefinitionHeader header)
    {
        var reader = header.Reader;
        reader.AllowOnly("A FeatureView", [.. DefinitionHeader.Keys, "entity", "source", "sources", "key", "ttl", "features"]);
        return new FeatureView
        {
            Name = DefinitionReader.ReadName(reader, "name", "card_activity"),
            Version = DefinitionReader.ReadVersion(reader),
            Owner = reader.Text("owner") ?? "",
            Description = reader.Text("description") ?? "",
            CanonicalJson = header.CanonicalJson,
            Digest = header.Digest,
            Entity = DefinitionReader.ReadName(reader, "entity", "card"),
            Sources = ViewSourceReader.Read(reader),
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
            item.AllowOnly("A feature", ["name", "aggregate", "of", "where", "window", "description", "group_by", .. AggregateParametersReader.Keys]);
            var name = DefinitionReader.ReadName(item, "name", "count_1h");
            if (name.Length > 0 && features.Any(feature => feature.Name == name))
                item.Report("name-duplicate", "name", $"The view has two features named '{name}'. Rename one.");
            features.Add(new Feature(name, item.RequiredText("aggregate", "count"), WindowReader.Read(item))
            {
                Of = item.Text("of"),
                Where = item.Text("where"),
                GroupBy = item.Text("group_by"),
                Parameters = AggregateParametersReader.Read(item),
            });
        }
        return features;
    }
}
