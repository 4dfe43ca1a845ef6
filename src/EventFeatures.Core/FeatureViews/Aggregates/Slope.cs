using System.Numerics;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.FeatureViews.Sums;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>slope</c>: by how much the non-null inputs rise a second, as the slope of the least-squares line through them over
/// their event times <c>t</c> in seconds: <c>(n Stx - St Sx) / (n Stt - St^2)</c>, a number, computed exactly and rounded
/// once. Null where there are not two different event times; NaN if an input is not finite.
/// </summary>
/// <remarks>SQL's <c>regr_slope(x, t)</c>.</remarks>
internal sealed class Slope : Aggregate
{
    public override string Name => "slope";

    public override bool IsOfTimes => true;

    public override string Accepts => "an integer, number or decimal";

    public override ValueShape? Result(ValueShape? input) => SumsFold.Takes(input) ? ValueKind.Number : null;

    public override Accumulator Start(AggregateInput input) => new Fold();

    private sealed class Fold : Accumulator
    {
        // Integers and decimals are summed in units of 10^-28, numbers in those of ExactSum.
        private const int Scale = 28;

        private static readonly BigInteger[] Powers10 = [.. Enumerable.Range(0, Scale + 1).Select(power => BigInteger.Pow(10, power))];

        private readonly ExactSum _values = ExactSum.OfPowers(1);
        private readonly ExactSum _products = ExactSum.OfProducts(0);
        private BigInteger _decimals, _decimalProducts;
        private ExactInteger _times, _timeSquares;
        private long _count;
        private bool _irregular;

        public override void Add(in Value input, Place place)
        {
            var time = place.OccurredAt.Microseconds;
            _count++;
            _times.Add(time);
            _timeSquares.Add((Int128)time * time);
            if (input.Kind != ValueKind.Number) AddExact(input, time);
            else if (!double.IsFinite(input.Number)) _irregular = true;
            else
            {
                _values.Add(input.Number);
                _products.AddProduct(input.Number, (ulong)Int128.Abs(time), time < 0);
            }
        }

        public override void Merge(Accumulator other)
        {
            var fold = (Fold)other;
            _count += fold._count;
            _irregular |= fold._irregular;
            _times.Add(fold._times.Value);
            _timeSquares.Add(fold._timeSquares.Value);
            _values.Add(fold._values);
            _products.Add(fold._products);
            _decimals += fold._decimals;
            _decimalProducts += fold._decimalProducts;
        }

        public override Value Finish(Instant asOf)
        {
            var times = _times.Value;
            var spread = _count * _timeSquares.Value - times * times;
            if (spread.IsZero) return Value.Null;
            if (_irregular) return Value.Of(double.NaN);
            // Times are in microseconds, so the slope is a millionth of what is asked for.
            if (!_decimals.IsZero || !_decimalProducts.IsZero)
                return Value.Of(ExactRatio.ToDouble(1_000_000 * (_count * _decimalProducts - times * _decimals), spread * Powers10[Scale]));
            var values = _values.ToUnits(out var valueExponent);
            var products = _products.ToUnits(out var productExponent);
            var unit = Math.Min(valueExponent, productExponent);
            var rise = _count * (products << (productExponent - unit)) - times * (values << (valueExponent - unit));
            return Value.Of(ExactRatio.ToDouble(1_000_000 * rise, spread, unit));
        }

        public override void Clear()
        {
            (_count, _irregular, _times, _timeSquares, _decimals, _decimalProducts) = (0, false, default, default, default, default);
            _values.Clear();
            _products.Clear();
        }

        public override void Write(StateWriter writer)
        {
            writer.WriteUnsigned((ulong)_count);
            writer.WriteByte(_irregular ? (byte)1 : (byte)0);
            foreach (var sum in (BigInteger[])[_times.Value, _timeSquares.Value, _decimals, _decimalProducts]) writer.WriteBig(sum);
            _values.Write(writer);
            _products.Write(writer);
        }

        public override void Read(ref StateReader reader)
        {
            _count = (long)reader.ReadUnsigned();
            _irregular = reader.ReadFlag();
            _times.Add(reader.ReadBig());
            _timeSquares.Add(reader.ReadBig());
            _decimals = reader.ReadBig();
            _decimalProducts = reader.ReadBig();
            _values.Read(ref reader);
            _products.Read(ref reader);
        }

        private void AddExact(in Value input, long time)
        {
            var scale = 0;
            Int128 mantissa = input.Kind == ValueKind.Integer ? input.Integer : DecimalMantissa.Of(input.Decimal, out scale);
            var units = mantissa * Powers10[Scale - scale];
            _decimals += units;
            _decimalProducts += units * time;
        }
    }
}
