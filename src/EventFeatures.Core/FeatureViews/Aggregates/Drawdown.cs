using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>drawdown</c>: the greatest fall of the non-null inputs from a peak to a later value, as a share of the peak:
/// <c>max over i &lt;= j of (x_i - x_j) / x_i</c> by event time and then position, with the running maximum as
/// <c>x_i</c>; a number from 0 (never fell) to 1 (fell to zero), computed exactly and rounded once. Null over none, and
/// where an input is negative or not finite, of which no share is defined.
/// </summary>
/// <remarks>
/// The maximum drawdown of finance. It depends on the order of the inputs, so a fold keeps all that a late event could
/// still make count: the values above all before them, and those below all after them. Of a series that only rises
/// these are all, so a feature without a window is refused: its state would grow without bound.
/// </remarks>
internal sealed class Drawdown : Aggregate
{
    public override string Name => "drawdown";

    public override string Accepts => "an integer, number or decimal";

    public override ValueShape? Result(ValueShape? input) => SumsFold.Takes(input) ? ValueKind.Number : null;

    public override IEnumerable<AggregateIssue> Check(AggregateInput input)
    {
        if (input.Window is Window.Unbounded)
            yield return new AggregateIssue("window-unsupported", "window", "Aggregate 'drawdown' needs a window: what it keeps of a series that only rises would grow for ever. Write for example window: 90d.");
    }

    public override Accumulator Start(AggregateInput input) => new Fold();

    private sealed class Fold : Accumulator
    {
        private const int CutMin = 64;

        private readonly List<(Place Place, Value Value)> _kept = [];
        private int _cutAt = CutMin;
        private bool _undefined;
        private bool _inOrder = true;

        public override void Add(in Value input, Place place)
        {
            var value = ValueText.Canonical(input);
            if (IsUndefined(value)) GiveUp();
            if (_undefined) return;
            _inOrder = _inOrder && (_kept.Count == 0 || _kept[^1].Place.CompareTo(place) < 0);
            _kept.Add((place, value));
            if (_kept.Count >= _cutAt) Cut();
        }

        public override void Merge(Accumulator other)
        {
            var fold = (Fold)other;
            if (fold._undefined) GiveUp();
            foreach (var (place, value) in fold._kept) Add(value, place);
        }

        public override Value Finish(Instant asOf)
        {
            if (_undefined || _kept.Count == 0) return Value.Null;
            Cut();
            var peak = _kept[0].Value;
            ExactFraction? least = null;
            foreach (var (_, value) in _kept)
            {
                if (ValueOrder.Compare(value, peak) > 0) peak = value;
                var (top, bottom) = (ExactFraction.Of(peak), ExactFraction.Of(value));
                if (top.Numerator.IsZero) continue;
                // What is left of the peak.
                var left = new ExactFraction(bottom.Numerator * top.Denominator, bottom.Denominator * top.Numerator);
                if (least is null || left.CompareTo(least.Value) < 0) least = left;
            }
            return Value.Of(least is { } rest ? (new ExactFraction(1, 1) - rest).ToDouble() : 0.0);
        }

        public override void Clear()
        {
            _kept.Clear();
            (_cutAt, _undefined, _inOrder) = (CutMin, false, true);
        }

        public override void Write(StateWriter writer)
        {
            Cut();
            writer.WriteByte(_undefined ? (byte)1 : (byte)0);
            writer.WriteUnsigned((ulong)_kept.Count);
            foreach (var (place, value) in _kept)
            {
                writer.WritePlace(place);
                writer.WriteValue(value);
            }
        }

        public override void Read(ref StateReader reader)
        {
            _undefined = reader.ReadFlag();
            for (var left = reader.ReadCount(); left > 0; left--)
            {
                var place = reader.ReadPlace();
                Add(reader.ReadValue(), place);
            }
        }

        private static bool IsUndefined(in Value value) => value.Kind switch
        {
            ValueKind.Number => value.Number < 0 || !double.IsFinite(value.Number),
            ValueKind.Integer => value.Integer < 0,
            _ => value.Decimal < 0,
        };

        // Keeps the values above all before them and those below all after them; between such two lies the greatest fall.
        private void Cut()
        {
            if (!_inOrder) _kept.Sort((left, right) => left.Place.CompareTo(right.Place));
            _inOrder = true;
            var isKept = new bool[_kept.Count];
            for (var (i, best) = (0, -1); i < _kept.Count; i++)
                if (best < 0 || ValueOrder.Compare(_kept[i].Value, _kept[best].Value) > 0) isKept[best = i] = true;
            for (var (i, best) = (_kept.Count - 1, -1); i >= 0; i--)
                if (best < 0 || ValueOrder.Compare(_kept[i].Value, _kept[best].Value) < 0) isKept[best = i] = true;
            var count = 0;
            for (var i = 0; i < isKept.Length; i++)
                if (isKept[i]) _kept[count++] = _kept[i];
            _kept.RemoveRange(count, _kept.Count - count);
            _cutAt = Math.Max(CutMin, 2 * count);
        }

        private void GiveUp()
        {
            _undefined = true;
            _kept.Clear();
        }
    }
}
