using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.FeatureViews.Windows;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// What an entity's features came to when they were last asked for, and the rows that each window had picked for it. A
/// value is a function of the rows picked and, for few aggregates, of the asked instant; so while a window picks the
/// same rows of an unchanged state, none of its features is folded again.
/// </summary>
internal sealed class VectorMemory(int windows, FeatureKernel[] kernels)
{
    private readonly WindowPick?[] _picks = new WindowPick?[windows];
    private readonly FeatureValue[] _values = new FeatureValue[kernels.Length];
    private readonly Accumulator?[] _folds = new Accumulator?[kernels.Length];

    /// <summary>Forgets everything, since the state changed.</summary>
    public void Clear() => Array.Clear(_picks);

    /// <summary>Whether a window picked the same rows when it was last asked.</summary>
    public bool Holds(int window, in WindowPick pick) => _picks[window] == pick;

    /// <summary>A feature's value at an instant, given that its window picked the same rows; its freshness is the asker's to say.</summary>
    public FeatureValue ValueAt(int feature, Instant asOf) =>
        _folds[feature] is { } fold ? FeatureValue.Of(fold.Finish(asOf), null) : _values[feature];

    /// <summary>An empty fold that is kept where the value also depends on the asked instant; null elsewhere.</summary>
    public Accumulator? FoldOf(int feature)
    {
        if (!kernels[feature].DependsOnAsOf) return null;
        _folds[feature]?.Clear();
        return _folds[feature] ??= kernels[feature].Start();
    }

    /// <summary>Takes note of a value.</summary>
    public void Keep(int feature, in FeatureValue value) => _values[feature] = value;

    /// <summary>Takes note of a window, once all of its features are kept.</summary>
    public void Keep(int window, in WindowPick pick) => _picks[window] = pick;

    /// <summary>Forgets a window while its features are folded anew, so that a failure leaves no half of it.</summary>
    public void Forget(int window) => _picks[window] = null;
}

/// <summary>Which rows a window picked, as far as a fold can tell: equal picks from equal states give equal folds.</summary>
/// <param name="Start">Where its run starts among the entity's kept rows.</param>
/// <param name="Count">How many rows the run has.</param>
/// <param name="Last">One more row, after a gap.</param>
/// <param name="PastFrom">The first instant it holds of the rows that are kept no more; null when it holds none of them.</param>
/// <param name="PastUntil">The last such instant.</param>
internal readonly record struct WindowPick(int Start, int Count, FeatureRow? Last, Instant? PastFrom, Instant? PastUntil)
{
    /// <summary>The pick that a selection is.</summary>
    /// <param name="selection">The selection.</param>
    /// <param name="pastNewest">The newest event time of the rows that are kept no more; null when there are none.</param>
    public static WindowPick Of(in WindowSelection selection, Instant? pastNewest)
    {
        if (!selection.ReachesBack || pastNewest is not { } newest) return new(selection.Start, selection.Run.Length, selection.Last, null, null);
        // Past what there is, a window's end picks nothing more.
        var until = selection.Range.Last < newest ? selection.Range.Last : newest;
        return new(selection.Start, selection.Run.Length, selection.Last, selection.Range.First ?? new Instant(long.MinValue), until);
    }
}
