using EventFeatures.Core.FeatureViews.Runs;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>count</c>: how many events are in the window; with <c>of</c>, how many of them have a non-null input.
/// An integer; 0 over none.
/// </summary>
internal sealed class Count : Aggregate
{
    public override string Name => "count";

    public override bool NeedsInput => false;

    public override string Accepts => "nothing, or any field or expression";

    public override ValueShape? Result(ValueShape? input) => ValueKind.Integer;

    internal override RunFold? Tabulate(AggregateInput input, InputRun inputs) => CountRun.Instance;

    public override Accumulator Start(AggregateInput input) => new Fold();

    private sealed class Fold : Accumulator
    {
        private long _count;

        public override void Add(in Value input, Place place) => _count++;

        public override void Merge(Accumulator other) => _count += ((Fold)other)._count;

        public override Value Finish(Instant asOf) => Value.Of(_count);

        public override void Clear() => _count = 0;

        public override void Write(StateWriter writer) => writer.WriteUnsigned((ulong)_count);

        public override void Read(ref StateReader reader) => _count = (long)reader.ReadUnsigned();
    }
}
