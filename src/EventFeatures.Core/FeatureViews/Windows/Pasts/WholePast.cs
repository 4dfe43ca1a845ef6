using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Windows.Pasts;

/// <summary>One fold of all of it, for a window that has no start.</summary>
internal sealed class WholePast(FeatureKernel kernel) : WindowPast
{
    private readonly Accumulator _fold = kernel.Start();

    public override void Add(FeatureRow row) => kernel.Add(_fold, row);

    public override bool TryMerge(Accumulator fold, in WindowSelection selection, Instant newest)
    {
        fold.Merge(_fold);
        return true;
    }

    public override void Write(StateWriter writer) => _fold.Write(writer);

    public override void Read(ref StateReader reader) => _fold.Read(ref reader);
}
