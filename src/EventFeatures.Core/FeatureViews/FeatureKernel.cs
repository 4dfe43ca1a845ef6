using EventFeatures.Core.Expressions;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.FeatureViews.Runs;
using EventFeatures.Core.FeatureViews.Windows;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// One feature made ready to fold: its filter, input and group bound to the view's columns, its window and aggregate.
/// </summary>
internal sealed class FeatureKernel(Feature feature, Aggregate aggregate, AggregateInput input, KernelExpressions expressions)
{
    public Feature Feature => feature;

    /// <summary>Which rows count.</summary>
    public WindowFrame Frame { get; } = WindowFrame.For(feature.Window, expressions.Since);

    public ValueShape ResultShape { get; } = expressions.Group is null
        ? aggregate.Result(input.Of)!
        : ValueShape.MapOf(aggregate.Result(input.Of)!);

    /// <summary>Whether the value also depends on the asked instant, and not only on the rows picked.</summary>
    public bool DependsOnAsOf => aggregate.DependsOnAsOf;

    /// <summary>Whether the value also depends on the window's length, so that one over the same rows of a wider window is another.</summary>
    public bool DependsOnWindow => aggregate.DependsOnWindow;

    // Of each group another row may be the newest.
    private readonly FoldedRows _folded = expressions.Group is null ? aggregate.Folded : FoldedRows.All;

    /// <summary>As <see cref="Aggregate.Tabulate"/>; a group's inputs are no run.</summary>
    public RunFold? Tabulate(InputRun inputs) => expressions.Group is null ? aggregate.Tabulate(input, inputs) : null;

    public Accumulator Start() =>
        expressions.Group is null ? aggregate.Start(input) : new GroupedFold(() => aggregate.Start(input), input.Parameters.GroupsMax);

    /// <summary>Evaluates all there is to evaluate of a row, so that what cannot be computed is known before the row counts.</summary>
    /// <exception cref="ExpressionOverflowException">It cannot be computed.</exception>
    public void Try(ReadOnlySpan<Value> columns)
    {
        Takes(columns, out _);
        expressions.Since?.Evaluate(columns);
    }

    /// <summary>Whether a row counts, given that it is in the window, and with which input.</summary>
    public bool Takes(ReadOnlySpan<Value> columns, out Value value)
    {
        value = default;
        // Null is not true: what is unknown does not count.
        if (expressions.Where is { } where && where.Evaluate(columns) is not { IsNull: false, Boolean: true }) return false;
        if (expressions.Of is { } of)
        {
            value = expressions.OfColumn >= 0 ? columns[expressions.OfColumn] : of.Evaluate(columns);
            if (value.IsNull && !input.Parameters.KeepNulls) return false;
            if (value.Kind == ValueKind.Array) CheckLength(value);
        }
        if (expressions.Group is not { } by) return true;
        var group = by.Evaluate(columns);
        if (group.IsNull) return false;
        value = GroupedFold.Pair(group, value);
        return true;
    }

    private void CheckLength(in Value list)
    {
        if (aggregate is ElementwiseAggregate && list.Elements.Count > ElementwiseAggregate.ElementsMax)
            throw new ExpressionOverflowException(feature.Of!, new OverflowException($"a list of {list.Elements.Count} elements is longer than the {ElementwiseAggregate.ElementsMax} that are aggregated."));
    }

    /// <summary>Folds a row; false when it does not count.</summary>
    public bool Add(Accumulator accumulator, FeatureRow row)
    {
        if (!Takes(CompiledView.ColumnsOf(row), out var value)) return false;
        accumulator.Add(value, new Place(row.OccurredAt, row.Position));
        return true;
    }

    /// <summary>Folds what the window picked.</summary>
    public void Fold(Accumulator accumulator, in WindowSelection selection)
    {
        if (_folded == FoldedRows.Newest && selection.Last is { } newest && Add(accumulator, newest)) return;
        Fold(accumulator, selection.Run);
        if (selection.Last is { } last) Add(accumulator, last);
    }

    /// <summary>Folds rows that are in fold order, no more of them than make a difference.</summary>
    public void Fold(Accumulator accumulator, ReadOnlySpan<FeatureRow> rows)
    {
        switch (_folded)
        {
            case FoldedRows.Newest:
                for (var i = rows.Length - 1; i >= 0 && !Add(accumulator, rows[i]); i--) { }
                break;
            case FoldedRows.Oldest:
                for (var i = 0; i < rows.Length && !Add(accumulator, rows[i]); i++) { }
                break;
            default:
                foreach (var row in rows) Add(accumulator, row);
                break;
        }
    }
}

/// <summary>A feature's expressions, bound to the view's columns.</summary>
/// <param name="Of">The input; null where the aggregate is over the events themselves.</param>
/// <param name="OfColumn">The input's column where it is one and nothing more, else -1.</param>
/// <param name="Where">The filter.</param>
/// <param name="Group">What the events are grouped by.</param>
/// <param name="Since">The condition that a window starts after.</param>
internal sealed record KernelExpressions(
    CompiledExpression? Of, int OfColumn, CompiledExpression? Where, CompiledExpression? Group, CompiledExpression? Since);
