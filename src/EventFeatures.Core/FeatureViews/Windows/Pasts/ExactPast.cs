using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Windows.Pasts;

/// <summary>Nothing, for a window all of whose rows are kept.</summary>
internal sealed class ExactPast : WindowPast
{
    public static readonly ExactPast Instance = new();

    public override void Add(FeatureRow row) { }

    public override bool TryMerge(Accumulator fold, in WindowSelection selection, Instant newest) =>
        !selection.ReachesBack || selection.Range.First > newest;

    public override void Write(StateWriter writer) { }

    public override void Read(ref StateReader reader) { }
}
