using EventFeatures.Core.Expressions;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews;

/// <summary>One feature made ready to fold: its filter and input bound to the view's columns, its window and aggregate.</summary>
internal sealed class FeatureKernel(
    Feature feature, Aggregate aggregate, ValueKind inputKind, CompiledExpression? input, int inputColumn, CompiledExpression? where)
{
    public Feature Feature => feature;

    /// <summary>Which rows count.</summary>
    public WindowFrame Frame { get; } = new(feature.Window);

    public ValueKind ResultKind => aggregate.Result(inputKind);

    public Accumulator Start() => aggregate.Start(inputKind);

    /// <summary>Whether a row counts, given that it is in the window, and with which input.</summary>
    public bool Takes(ReadOnlySpan<Value> columns, out Value value)
    {
        value = default;
        // Null is not true: what is unknown does not count.
        if (where is not null && where.Evaluate(columns) is not { IsNull: false, Boolean: true }) return false;
        if (input is null) return true;
        value = inputColumn >= 0 ? columns[inputColumn] : input.Evaluate(columns);
        return !value.IsNull;
    }

    public void Add(Accumulator accumulator, FeatureRow row)
    {
        if (Takes(CompiledView.ColumnsOf(row), out var value)) accumulator.Add(value, new Place(row.OccurredAt, row.Position));
    }

    /// <summary>Folds the rows of the window, which are in fold order and none of them after <paramref name="asOf"/>.</summary>
    public void Fold(Accumulator accumulator, ReadOnlySpan<FeatureRow> rows, Instant asOf)
    {
        foreach (var row in Frame.Rows(rows, asOf)) Add(accumulator, row);
    }
}
