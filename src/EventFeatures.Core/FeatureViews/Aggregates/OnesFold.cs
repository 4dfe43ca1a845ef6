using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>Takes each event for a one, where a feature has no input and its aggregate needs numbers.</summary>
internal sealed class OnesFold(Accumulator numbers) : Accumulator
{
    public override void Add(in Value input, Place place) => numbers.Add(Value.Of(1L), place);

    public override void Merge(Accumulator other) => numbers.Merge(((OnesFold)other).Numbers);

    public override Value Finish(Instant asOf) => numbers.Finish(asOf);

    public override void Clear() => numbers.Clear();

    public override void Write(StateWriter writer) => numbers.Write(writer);

    public override void Read(ref StateReader reader) => numbers.Read(ref reader);

    private Accumulator Numbers => numbers;
}
