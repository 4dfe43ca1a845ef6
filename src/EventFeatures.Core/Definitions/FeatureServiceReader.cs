using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Definitions;

/// <summary>Reads a <see cref="FeatureService"/>.</summary>
internal static class FeatureServiceReader
{
    public static FeatureService Read(DefinitionHeader header)
    {
        var reader = header.Reader;
        reader.AllowOnly("A FeatureService", [.. DefinitionHeader.Keys, "context", "features", "precompute"]);
        var context = ReadContext(reader);
        return new FeatureService
        {
            Name = DefinitionReader.ReadName(reader, "name", "fraud"),
            Version = DefinitionReader.ReadVersion(reader),
            Owner = reader.Text("owner") ?? "",
            Description = reader.Text("description") ?? "",
            CanonicalJson = header.CanonicalJson,
            Digest = header.Digest,
            Context = context,
            Features = ReadFeatures(reader, context),
            Precompute = ReadPrecompute(reader),
        };
    }

    private static Precomputing? ReadPrecompute(MappingReader reader)
    {
        if (reader.Mapping("precompute") is not { } precompute) return null;
        precompute.AllowOnly("precompute", "max_staleness");
        if (!precompute.Has("max_staleness"))
            precompute.Report("key-missing", "max_staleness", "'max_staleness' is missing: how old a vector may be when it is served. Write for example precompute: { max_staleness: 5s }");
        if (precompute.Duration("max_staleness") is not { } staleness) return null;
        if (staleness > Precomputing.StalenessMax)
            precompute.Report("range-invalid", "max_staleness", $"A vector may be at most {Precomputing.StalenessMax} old when it is served, and {staleness} is longer. Windows slide meanwhile.");
        return new Precomputing(staleness);
    }

    private static List<ContextField> ReadContext(MappingReader reader)
    {
        var fields = new List<ContextField>();
        foreach (var item in reader.Mappings("context"))
        {
            item.AllowOnly("A context field", "name", "type", "description");
            var name = DefinitionReader.ReadName(item, "name", "amount");
            if (name.Length > 0 && fields.Any(field => field.Name == name))
                item.Report("name-duplicate", "name", $"The context field '{name}' occurs twice.");
            if (!item.Has("type")) item.Report("key-missing", "type", "'type' is missing. Write for example type: number");
            fields.Add(new ContextField(name, FieldTypes.Read(item, "type") ?? ValueKind.Number));
        }
        return fields;
    }

    private static List<ServiceFeature> ReadFeatures(MappingReader reader, List<ContextField> context)
    {
        var features = new List<ServiceFeature>();
        if (!reader.Has("features") || reader.Node["features"] is SequenceNode { Items.Count: 0 })
            reader.Report("key-missing", "features", "A service needs at least one feature. Write for example features: [ { feature: card_activity__count_1h } ]");
        foreach (var item in reader.Mappings("features"))
        {
            item.AllowOnly("A service's feature", "feature", "name", "expression", "missing", "description");
            var feature = ReadFeature(item);
            if (feature.Name.Length > 0 && features.Any(other => other.Name == feature.Name))
                item.Report("name-duplicate", item.Has("name") ? "name" : "feature", $"The service has two features named '{feature.Name}'. Give one another name with name:.");
            // A context field that is itself a model input is stated as the expression of its own name.
            if (context.Any(field => field.Name == feature.Name) && feature.Expression?.Trim() != feature.Name)
                item.Report("name-duplicate", item.Has("name") ? "name" : "feature", $"'{feature.Name}' is also a context field. Give the feature another name.");
            features.Add(feature);
        }
        return features;
    }

    private static ServiceFeature ReadFeature(MappingReader item)
    {
        var (policy, value) = ReadMissing(item);
        if (item.Has("feature") == item.Has("expression"))
        {
            item.Report("service-feature-invalid", "", "A service's feature is either feature: view__feature, or name: and expression:, and not both.");
            return new ServiceFeature { Name = "" };
        }
        if (item.Has("expression"))
            return new ServiceFeature
            {
                Name = item.RequiredText("name", "ratio"),
                Expression = item.RequiredText("expression", "\"amount / card_activity__mean_7d\""),
                OnMissing = policy,
                Default = value,
            };
        var text = item.Text("feature") ?? "";
        var parted = text.IndexOf("__", StringComparison.Ordinal);
        if (parted < 1 || parted + 2 == text.Length || !DefinitionReference.TryParse(text[..parted], out var view))
        {
            if (text.Length > 0) item.Report("reference-invalid", "feature", $"'{text}' does not name a feature. Write it as view__feature or view@v2__feature.");
            return new ServiceFeature { Name = "" };
        }
        var feature = text[(parted + 2)..];
        return new ServiceFeature
        {
            Name = item.Text("name") ?? $"{view.Name}__{feature}",
            View = view.Name,
            ViewVersion = view.Version,
            Feature = feature,
            OnMissing = policy,
            Default = value,
        };
    }

    private static (MissingPolicy, Value) ReadMissing(MappingReader item)
    {
        switch (item.Node["missing"])
        {
            case null or ScalarNode { Type: ScalarType.Null }: return (MissingPolicy.Null, Value.Null);
            case MappingNode:
                var mapping = item.Mapping("missing")!;
                mapping.AllowOnly("missing", "default");
                if (mapping.Node["default"] is ScalarNode { Type: not ScalarType.Null } scalar)
                    return (MissingPolicy.Default, ScalarValues.Untyped(scalar));
                mapping.Report("value-invalid", "default", "A default has to be a number, a text or a boolean. For no value at all write missing: null");
                return (MissingPolicy.Null, Value.Null);
            default:
                return item.OneOf("missing", "null", "refuse", "fallback") switch
                {
                    "refuse" => (MissingPolicy.Refuse, Value.Null),
                    "fallback" => (MissingPolicy.Fallback, Value.Null),
                    _ => (MissingPolicy.Null, Value.Null),
                };
        }
    }
}
