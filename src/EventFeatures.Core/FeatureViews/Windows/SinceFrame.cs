using EventFeatures.Core.Expressions;
using EventFeatures.Core.FeatureViews.Windows.Pasts;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Windows;

/// <summary>The rows after the last one before the end for which a condition held.</summary>
internal sealed class SinceFrame(Window.Since window, CompiledExpression condition) : WindowFrame(window)
{
    /// <summary>Whether the row for which the condition held is in.</summary>
    public bool HoldsStart { get; } = window.Edges.HoldsStart();

    /// <summary>Whether the condition holds; unknown is not.</summary>
    public bool Holds(FeatureRow row) => condition.Evaluate(CompiledView.ColumnsOf(row)) is { IsNull: false, Boolean: true };

    protected override int FirstOf(Candidates candidates, InstantRange range, int floor)
    {
        // Only what lies before the end itself can have held before it.
        for (var index = candidates.CountBefore(window.Edges.HoldsEnd() ? range.Last : range.Last + new Duration(1)) - 1; index >= floor; index--)
            if (Holds(candidates[index])) return HoldsStart ? index : index + 1;
        return BeforeAll;
    }

    protected override WindowPast PastOf(FeatureKernel kernel) => new SincePast(kernel, this);
}
