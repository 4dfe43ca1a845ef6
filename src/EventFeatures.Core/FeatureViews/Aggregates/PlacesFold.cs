using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// Keeps the inputs at the last <c>k</c> places or, with a negative sign, at the first, in the order of their places.
/// </summary>
internal sealed class PlacesFold(int k, int sign, Func<IReadOnlyList<Value>, Value> finish) : Accumulator
{
    // In the order of places, and up to twice as many as are wanted, so that cutting off is rare.
    private readonly List<(Place Place, Value Value)> _kept = [];

    public override void Add(in Value input, Place place)
    {
        if (IsBeyond(place)) return;
        var at = _kept.Count;
        while (at > 0 && _kept[at - 1].Place.CompareTo(place) > 0) at--;
        _kept.Insert(at, (place, input));
        if (_kept.Count >= 2 * k + 16) Cut();
    }

    public override void Merge(Accumulator other)
    {
        foreach (var (place, value) in ((PlacesFold)other)._kept) Add(value, place);
    }

    public override Value Finish(Instant asOf)
    {
        Cut();
        return finish([.. _kept.Select(one => one.Value)]);
    }

    public override void Clear() => _kept.Clear();

    public override void Write(StateWriter writer)
    {
        Cut();
        writer.WriteUnsigned((ulong)_kept.Count);
        foreach (var (place, value) in _kept)
        {
            writer.WritePlace(place);
            writer.WriteValue(value);
        }
    }

    public override void Read(ref StateReader reader)
    {
        var count = reader.ReadCount();
        if (count > k) throw new StateCorruptException($"A list of {k} holds {count} values.");
        for (; count > 0; count--)
        {
            var place = reader.ReadPlace();
            Add(reader.ReadValue(), place);
        }
    }

    private bool IsBeyond(Place place) =>
        _kept.Count >= k && sign * place.CompareTo((sign > 0 ? _kept[^k] : _kept[k - 1]).Place) < 0;

    private void Cut()
    {
        if (_kept.Count <= k) return;
        if (sign > 0) _kept.RemoveRange(0, _kept.Count - k);
        else _kept.RemoveRange(k, _kept.Count - k);
    }
}
