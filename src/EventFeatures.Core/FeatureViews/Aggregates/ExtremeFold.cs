using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>Keeps the greatest input, or with a negative sign the least, by <see cref="ValueOrder"/>.</summary>
internal sealed class ExtremeFold(int sign) : Accumulator
{
    private Value _best;

    public static ValueShape? Result(ValueShape? input) =>
        input is not null && ValueOrder.Covers(input.Kind) && input.Kind != ValueKind.Boolean ? input : null;

    public override void Add(in Value input, Place place)
    {
        if (_best.IsNull || sign * ValueOrder.Compare(input, _best) > 0) _best = Canonical(input);
    }

    public override void Merge(Accumulator other)
    {
        if (((ExtremeFold)other)._best is { IsNull: false } best) Add(best, default);
    }

    public override Value Finish(Instant asOf) => _best;

    public override void Clear() => _best = Value.Null;

    public override void Write(StateWriter writer) => writer.WriteValue(_best);

    public override void Read(ref StateReader reader) => _best = reader.ReadValue();

    /// <summary>NaNs compare equal whatever their bits, so the first one seen must not show.</summary>
    public static Value Canonical(in Value input) =>
        input.Kind == ValueKind.Number && double.IsNaN(input.Number) ? Value.Of(double.NaN) : input;
}
