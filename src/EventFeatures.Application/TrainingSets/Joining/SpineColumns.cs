using EventFeatures.Core.Entities;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;

namespace EventFeatures.Application.TrainingSets.Joining;

/// <summary>What the rows of a spine say about its columns, gathered row by row.</summary>
internal sealed class SpineColumns
{
    private readonly SortedDictionary<string, ValueKind> _extras = new(StringComparer.Ordinal);

    public SpineColumns(CompiledService service)
    {
        var keys = new List<KeyColumn>();
        for (var view = 0; view < service.Views.Count; view++)
        {
            var entity = service.Views[view].Entity;
            if (service.Views.Take(view).Any(earlier => earlier.Entity.Name == entity.Name)) continue;
            for (var part = 0; part < entity.Keys.Count; part++)
                keys.Add(new KeyColumn(entity.Keys.Count == 1 ? entity.Name : entity.Keys[part].Name, entity, view, part));
        }
        Keys = keys;
    }

    /// <summary>One an entity or, of a composite key, one a part; in the order of the service's views.</summary>
    public IReadOnlyList<KeyColumn> Keys { get; }

    /// <summary>What is carried along, by name; null for a column without any value.</summary>
    public IReadOnlyDictionary<string, ValueKind> Extras => _extras;

    /// <summary>Takes a row into account.</summary>
    /// <param name="row">The row.</param>
    /// <param name="keys">Its entity in each view.</param>
    /// <param name="fail">Hears the column and what is wrong with it.</param>
    public void Add(SpineRow row, IReadOnlyList<string> keys, Action<string, string> fail)
    {
        for (var i = 0; i < Keys.Count; i++)
        {
            if (Keys[i].IsOwn) continue;
            for (var earlier = 0; earlier < i; earlier++)
                if (Keys[earlier].Name == Keys[i].Name && Keys[earlier].Of(keys) != Keys[i].Of(keys)) Keys[i].IsOwn = true;
        }
        foreach (var (name, value) in row.Extra)
        {
            var known = _extras.GetValueOrDefault(name);
            if (known != ValueKind.Null && !value.IsNull && known != value.Kind)
                fail(name, $"The value {value} is of type {value.Kind}, but earlier rows have {known}. A column carried along needs one type.");
            _extras[name] = known == ValueKind.Null ? value.Kind : known;
        }
    }
}

/// <summary>A column that holds an entity's key or a part of it.</summary>
internal sealed class KeyColumn(string name, Entity entity, int view, int part)
{
    public string Name => name;

    /// <summary>Whether some row has another value in it than in an earlier column of the same name; entities that share a part share its column.</summary>
    public bool IsOwn { get; set; }

    /// <summary>A row's value.</summary>
    /// <param name="keys">The row's entity in each view.</param>
    public string Of(IReadOnlyList<string> keys) => entity.Keys.Count == 1 ? keys[view] : EntityKeys.Split(entity, keys[view])[part];
}
