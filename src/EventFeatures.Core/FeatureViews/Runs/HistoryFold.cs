using EventFeatures.Core.FeatureViews.Windows;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Runs;

/// <summary>
/// One entity's rows, made ready for many points in time: inputs are evaluated once, and most aggregates look their
/// values up. It gives the bits that <see cref="CompiledView.Evaluate(IReadOnlyList{FeatureRow}, Instant)"/> gives. Not
/// safe for concurrent use.
/// </summary>
internal sealed class HistoryFold
{
    // The search for the asked instant; each window has two of its own.
    private const int AsOfSearch = 0;

    private readonly CompiledView _view;
    private readonly FeatureRow[] _rows;
    private readonly EventTimes _times;
    private readonly InputRun[] _inputs;
    private readonly RunFold?[] _tables;

    /// <param name="view">The view.</param>
    /// <param name="rows">All of the entity's rows, in fold order.</param>
    public HistoryFold(CompiledView view, FeatureRow[] rows)
    {
        (_view, _rows) = (view, rows);
        _times = new EventTimes(rows, 1 + 2 * view.Windows.Length);
        _inputs = [.. view.Runs.InputKernels.Select(kernel => new InputRun(view.Kernels[kernel], rows))];
        _tables = [.. view.Runs.TableKernels.Select(kernel => view.Kernels[kernel].Tabulate(_inputs[view.Runs.InputOf(kernel)]))];
    }

    /// <summary>The features at an instant over the first <paramref name="known"/> rows, in the order of the view's features.</summary>
    public IReadOnlyList<FeatureValue> Evaluate(int known, Instant asOf, VectorBlocks vectors)
    {
        var (block, vector) = vectors.Next();
        var count = _times.CountUntil(asOf, known, AsOfSearch);
        var newest = count == 0 ? (Instant?)null : _times[count - 1];
        if (_view.Unfolded(newest, asOf) is { } unfolded) return block.Vector(vector, unfolded.Status, newest);
        FoldScratch.Set? scratch = null;
        for (var window = 0; window < _view.Windows.Length; window++)
        {
            var (frame, features) = _view.Windows[window];
            var pick = frame.IsRange && (!frame.Excludes || newest != asOf) ? PickRange(frame, window, count, asOf) : Pick(frame, count, asOf);
            foreach (var i in features)
            {
                var inputs = _inputs[_view.Runs.InputOf(i)];
                if (pick.Last < 0 && _tables[_view.Runs.TableOf(i)] is { } table)
                {
                    block.Set(vector, i, table.Over(inputs.CountOf(pick.First), inputs.CountOf(pick.End), asOf));
                    continue;
                }
                block.Set(vector, i, Fold(i, pick, inputs, scratch ??= _view.Scratch.Take(), asOf));
            }
        }
        if (scratch is not null) _view.Scratch.Return(scratch);
        return block.Vector(vector, FeatureStatus.Present, newest);
    }

    /// <summary>Folds what no table tells; where windows lie within one another it goes on from the narrower one.</summary>
    private Value Fold(int feature, RowPick pick, InputRun inputs, FoldScratch.Set scratch, Instant asOf)
    {
        var root = _view.Nesting.RootOf(feature);
        var fold = scratch.Folds[root];
        if (pick.Last >= 0) inputs.Fold(fold, pick.Last, pick.Last + 1);
        inputs.Fold(fold, pick.First, scratch.From[root] is not FoldScratch.Set.Empty and var folded ? folded : pick.End);
        scratch.From[root] = pick.First;
        return fold.Finish(asOf);
    }

    private RowPick PickRange(WindowFrame frame, int window, int count, Instant asOf)
    {
        var range = frame.RangeAt(asOf - frame.Offset);
        var end = _times.CountUntil(range.Last, count, 2 * window + 1);
        var first = range.First is { } start ? _times.CountUntil(start - new Duration(1), end, 2 * window + 2) : 0;
        return new RowPick(Math.Max(first, end - frame.RowsMax), end, -1);
    }

    private RowPick Pick(WindowFrame frame, int count, Instant asOf)
    {
        var selection = frame.Select(_rows.AsSpan(0, count), asOf);
        return new RowPick(selection.Start, selection.Start + selection.Run.Length, selection.Last is null ? -1 : count - 1);
    }

    /// <summary>The rows that a window holds.</summary>
    /// <param name="First">The first of a run.</param>
    /// <param name="End">The one after its last.</param>
    /// <param name="Last">One more row, after a gap; -1 for none.</param>
    private readonly record struct RowPick(int First, int End, int Last);
}
