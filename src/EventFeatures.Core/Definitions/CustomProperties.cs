namespace EventFeatures.Core.Definitions;

/// <summary>
/// The standard's <c>customProperties</c>: a list of <c>{ property, value }</c>. Other tools' properties are theirs;
/// of ours, an unknown one is a typo.
/// </summary>
internal sealed class CustomProperties
{
    private const string Prefix = "eventfeatures.";
    private readonly Dictionary<string, MappingReader> _items = [];

    public CustomProperties(MappingReader owner, IReadOnlyList<string> allowed)
    {
        foreach (var item in owner.Mappings("customProperties"))
        {
            item.AllowOnly("A custom property", "id", "property", "value", "description");
            var name = item.RequiredText("property", Prefix + "category");
            if (!name.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            if (!allowed.Contains(name))
                item.Report("custom-property-unknown", "property", $"There is no custom property '{name}' here.{Suggestion.For(name, allowed)}");
            else if (!_items.TryAdd(name, item))
                item.Report("custom-property-duplicate", "property", $"The custom property '{name}' is stated twice. Keep one.");
            else if (!item.Has("value"))
                item.Report("key-missing", "value", $"The custom property '{name}' has no value.");
        }
    }

    /// <summary>The reader whose <c>value</c> is a property's value, or <see langword="null"/> when it is not stated.</summary>
    public MappingReader? this[string name] => _items.GetValueOrDefault(Prefix + name);
}
