using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>distinct_count</c>: how many different non-null inputs there are, an integer; 0 over none. Exact to 256; past
/// that the estimate of a HyperLogLog of 2^14 registers, whose standard error is 0.81 %, and never less than 257.
/// <c>-0.0</c> and <c>0.0</c> are one value, and so are all NaNs.
/// </summary>
internal sealed class DistinctCount : Aggregate
{
    public const int ExactMax = 256;

    public override string Name => "distinct_count";

    public override string Accepts => "an integer, number, decimal, boolean, string, timestamp or date";

    public override ValueShape? Result(ValueShape? input) => input is not null && ValueOrder.Covers(input.Kind) ? ValueKind.Integer : null;

    public override Accumulator Start(AggregateInput input) => new Fold();

    private sealed class Fold : Accumulator
    {
        private readonly HashSet<Value> _exact = [];
        private HyperLogLog? _sketch;

        public override void Add(in Value input, Place place)
        {
            var value = ValueText.Canonical(input);
            if (_sketch is not null) _sketch.Add(value);
            else if (_exact.Add(value) && _exact.Count > ExactMax) Sketch();
        }

        public override void Merge(Accumulator other)
        {
            var fold = (Fold)other;
            foreach (var value in fold._exact) Add(value, default);
            if (fold._sketch is null) return;
            if (_sketch is null) Sketch();
            _sketch!.Merge(fold._sketch);
        }

        public override Value Finish(Instant asOf) =>
            Value.Of(_sketch is null ? _exact.Count : Math.Max(_sketch.Estimate(), ExactMax + 1));

        public override void Clear()
        {
            _exact.Clear();
            _sketch = null;
        }

        public override void Write(StateWriter writer)
        {
            writer.WriteByte(_sketch is null ? (byte)0 : (byte)1);
            if (_sketch is not null)
            {
                _sketch.Write(writer);
                return;
            }
            writer.WriteUnsigned((ulong)_exact.Count);
            foreach (var value in _exact.Order(ValueText.Order))
                writer.WriteValue(value);
        }

        public override void Read(ref StateReader reader)
        {
            if (reader.ReadByte() != 0)
            {
                _sketch = new HyperLogLog();
                _sketch.Read(ref reader);
                return;
            }
            var count = reader.ReadCount();
            if (count > ExactMax) throw new StateCorruptException($"A distinct count holds {count} values.");
            for (var i = 0; i < count; i++) _exact.Add(reader.ReadValue());
        }

        // The sketch's registers follow from the set of values alone, so it does not matter when this happens.
        private void Sketch()
        {
            _sketch = new HyperLogLog();
            foreach (var value in _exact) _sketch.Add(value);
            _exact.Clear();
        }
    }
}
