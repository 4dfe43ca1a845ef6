using EventFeatures.Application.Pipeline;
using EventFeatures.Application.TrainingSets.Joining;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;

namespace EventFeatures.Application.TrainingSets;

/// <summary>
/// A training set's columns: the entities' keys, the time, the request's context, the inputs in the model's order, the
/// label, and what is carried along.
/// </summary>
internal sealed class TrainingColumns
{
    private readonly List<(TrainingColumn Column, Func<JoinedRow, Value> Read)> _columns = [];

    /// <exception cref="CommandInvalidException">Two columns would have one name.</exception>
    public TrainingColumns(CompiledService service, SpineColumns spine)
    {
        var failures = new List<CommandFailure>();
        foreach (var key in spine.Keys)
            if (key.IsOwn || !_columns.Exists(column => column.Column.Name == key.Name)) Add(key.Name, ValueKind.String, row => Value.Of(key.Of(row.Keys)), failures);
        Add("time", ValueKind.Timestamp, row => Value.Of(row.Spine.Time), failures);
        AddContext(service, failures);
        foreach (var (kind, index) in service.InputKinds.Select((kind, index) => (kind, index)))
            Add(service.InputNames[index], kind == ValueKind.Null ? ValueKind.Number : kind, row => row.Inputs[index], failures);
        Add("label", ValueKind.Number, row => row.Spine.Label is { } label ? Value.Of(label) : Value.Null, failures);
        foreach (var (name, kind) in spine.Extras)
            Add(name, kind == ValueKind.Null ? ValueKind.String : kind, row => row.Spine.Extra.GetValueOrDefault(name), failures);
        if (failures.Count > 0) throw new CommandInvalidException(nameof(BuildTrainingSet), failures);
    }

    public IReadOnlyList<TrainingColumn> Columns => [.. _columns.Select(column => column.Column)];

    /// <summary>Reads a row's values, in the order of the columns.</summary>
    public void Read(JoinedRow row, Value[] values)
    {
        for (var column = 0; column < values.Length; column++) values[column] = _columns[column].Read(row);
    }

    private void AddContext(CompiledService service, List<CommandFailure> failures)
    {
        foreach (var field in service.Service.Context)
        {
            // A context field that is an input itself has its column there.
            if (service.InputNames.Contains(field.Name)) continue;
            Add(field.Name, field.Type, row => row.Spine.Context.TryGetValue(field.Name, out var value) ? ValueConversion.To(field.Type, value) ?? Value.Null : Value.Null, failures);
        }
    }

    private void Add(string name, ValueKind kind, Func<JoinedRow, Value> read, List<CommandFailure> failures)
    {
        if (_columns.Exists(column => column.Column.Name == name))
            failures.Add(new CommandFailure("spine", $"Two columns would be named '{name}'. Rename the one that the spine carries along, or the service's feature."));
        _columns.Add((new TrainingColumn(name, kind), read));
    }
}

/// <summary>A spine row with the features that were joined onto it.</summary>
/// <param name="Spine">The spine's row.</param>
/// <param name="Keys">Its entity in each view.</param>
/// <param name="Inputs">What the model sees of it, in its order.</param>
internal sealed record JoinedRow(SpineRow Spine, IReadOnlyList<string> Keys, IReadOnlyList<Value> Inputs);
