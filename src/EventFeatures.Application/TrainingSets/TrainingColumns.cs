using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Entities;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;

namespace EventFeatures.Application.TrainingSets;

/// <summary>
/// A training set's columns: the entities' keys, the time, the request's context, the inputs in the model's order, the
/// label, and what is carried along.
/// </summary>
internal sealed class TrainingColumns
{
    private readonly JoinedSet _set;
    private readonly List<(TrainingColumn Column, Func<int, Value> Read)> _columns = [];

    public TrainingColumns(JoinedSet set)
    {
        _set = set;
        var failures = new List<CommandFailure>();
        foreach (var (view, index) in set.Service.Views.Select((view, index) => (view, index)))
            if (set.Service.Views.ToList().FindIndex(other => other.Entity.Name == view.Entity.Name) == index) AddKey(view.Entity, index, failures);
        Add("time", ValueKind.Timestamp, row => Value.Of(set.Spine[row].Time), failures);
        AddContext(failures);
        foreach (var (kind, index) in set.Service.InputKinds.Select((kind, index) => (kind, index)))
            Add(set.Service.InputNames[index], kind == ValueKind.Null ? ValueKind.Number : kind, row => set.Vectors[row].Values[index].Value, failures);
        Add("label", ValueKind.Number, row => set.Spine[row].Label is { } label ? Value.Of(label) : Value.Null, failures);
        AddExtras(failures);
        if (failures.Count > 0) throw new CommandInvalidException(nameof(BuildTrainingSet), failures);
    }

    public IReadOnlyList<TrainingColumn> Columns => [.. _columns.Select(column => column.Column)];

    /// <summary>The rows, in the spine's order.</summary>
    public async IAsyncEnumerable<IReadOnlyList<Value>> Rows()
    {
        await Task.CompletedTask;
        for (var row = 0; row < _set.Spine.Count; row++)
        {
            var values = new Value[_columns.Count];
            for (var column = 0; column < values.Length; column++) values[column] = _columns[column].Read(row);
            yield return values;
        }
    }

    /// <summary>One column an entity or, of a composite key, one a part. Entities that share a part share its column.</summary>
    private void AddKey(Entity entity, int view, List<CommandFailure> failures)
    {
        for (var i = 0; i < entity.Keys.Count; i++)
        {
            var (part, name) = (i, entity.Keys.Count == 1 ? entity.Name : entity.Keys[i].Name);
            Value Read(int row) => Value.Of(EntityKeys.Split(entity, _set.Keys[view][row])[part]);
            var known = _columns.FindIndex(column => column.Column.Name == name);
            if (known < 0 || !Enumerable.Range(0, _set.Spine.Count).All(row => _columns[known].Read(row) == Read(row))) Add(name, ValueKind.String, Read, failures);
        }
    }

    private void AddContext(List<CommandFailure> failures)
    {
        for (var index = 0; index < _set.Service.Service.Context.Count; index++)
        {
            var field = _set.Service.Service.Context[index];
            // A context field that is an input itself has its column there.
            if (_set.Service.InputNames.Contains(field.Name)) continue;
            Add(field.Name, field.Type, row => _set.Spine[row].Context.TryGetValue(field.Name, out var value) ? Core.FeatureServices.ValueConversion.To(field.Type, value) ?? Value.Null : Value.Null, failures);
        }
    }

    private void AddExtras(List<CommandFailure> failures)
    {
        var kinds = new SortedDictionary<string, ValueKind>(StringComparer.Ordinal);
        for (var row = 0; row < _set.Spine.Count; row++)
            foreach (var (name, value) in _set.Spine[row].Extra)
            {
                var known = kinds.GetValueOrDefault(name);
                if (known != ValueKind.Null && !value.IsNull && known != value.Kind && failures.Count < 20)
                    failures.Add(new CommandFailure($"spine[{row}].{name}", $"The value {value} is of type {value.Kind}, but earlier rows have {known}. A column carried along needs one type."));
                kinds[name] = known == ValueKind.Null ? value.Kind : known;
            }
        foreach (var (name, kind) in kinds)
            Add(name, kind == ValueKind.Null ? ValueKind.String : kind, row => _set.Spine[row].Extra.GetValueOrDefault(name), failures);
    }

    private void Add(string name, ValueKind kind, Func<int, Value> read, List<CommandFailure> failures)
    {
        if (_columns.Exists(column => column.Column.Name == name))
            failures.Add(new CommandFailure("spine", $"Two columns would be named '{name}'. Rename the one that the spine carries along, or the service's feature."));
        _columns.Add((new TrainingColumn(name, kind), read));
    }
}
