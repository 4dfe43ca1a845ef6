using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>top_k</c>: a list of the <c>k</c> greatest non-null inputs, greatest first; <c>bottom_k</c>: of the least, least
/// first. Inputs that occur several times stand there several times. The order is that of <c>max</c> and <c>min</c>.
/// Shorter where there are fewer, empty over none.
/// </summary>
internal sealed class ExtremesList(int sign) : Aggregate
{
    public override string Name => sign > 0 ? "top_k" : "bottom_k";

    public override string Accepts => "an integer, number, decimal, string, timestamp or date";

    public override IReadOnlyList<string> Parameters => ["k"];

    public override ValueShape? Result(ValueShape? input) => ExtremeFold.Result(input) is { } kept ? ValueShape.ListOf(kept) : null;

    public override IEnumerable<AggregateIssue> Check(AggregateInput input) => ParameterRules.K(Name, input);

    public override Accumulator Start(AggregateInput input) => new Fold((int)input.Parameters.K!, sign);

    private sealed class Fold(int k, int sign) : Accumulator
    {
        // Sorted up to _sorted; what came after waits until there is enough of it to sort.
        private readonly List<Value> _kept = [];
        private int _sorted;

        public override void Add(in Value input, Place place)
        {
            if (_sorted == k && sign * ValueOrder.Compare(input, _kept[k - 1]) <= 0) return;
            _kept.Add(ExtremeFold.Canonical(input));
            if (_kept.Count >= 2 * k + 16) Sort();
        }

        public override void Merge(Accumulator other)
        {
            foreach (var value in ((Fold)other)._kept) Add(value, default);
        }

        public override Value Finish(Instant asOf)
        {
            Sort();
            return Value.Of(_kept.ToArray());
        }

        public override void Clear()
        {
            _kept.Clear();
            _sorted = 0;
        }

        public override void Write(StateWriter writer)
        {
            Sort();
            writer.WriteUnsigned((ulong)_kept.Count);
            foreach (var value in _kept) writer.WriteValue(value);
        }

        public override void Read(ref StateReader reader)
        {
            var count = reader.ReadCount();
            if (count > k) throw new StateCorruptException($"A list of {k} holds {count} values.");
            for (; count > 0; count--) _kept.Add(reader.ReadValue());
            Sort();
        }

        private void Sort()
        {
            if (_sorted < _kept.Count) _kept.Sort((left, right) => -sign * ValueOrder.Compare(left, right));
            if (_kept.Count > k) _kept.RemoveRange(k, _kept.Count - k);
            _sorted = _kept.Count;
        }
    }
}
