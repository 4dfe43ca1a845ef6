using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// Keeps the <c>k</c> different values whose last places are the last or, with a negative sign, whose first places are
/// the first. A value that fell out can come back only by a new place, which brings it along; so what is kept
/// depends on the set of inputs alone.
/// </summary>
internal sealed class DistinctPlacesFold(int k, int sign) : Accumulator
{
    private readonly Dictionary<Value, Place> _places = [];
    private Place? _threshold;

    public override void Add(in Value input, Place place)
    {
        var value = ValueText.Canonical(input);
        if (_places.TryGetValue(value, out var known))
        {
            if (sign * place.CompareTo(known) > 0) _places[value] = place;
            return;
        }
        if (_threshold is { } threshold && sign * place.CompareTo(threshold) < 0) return;
        _places.Add(value, place);
        if (_places.Count >= 2 * k + 16) Cut();
    }

    public override void Merge(Accumulator other)
    {
        foreach (var (value, place) in ((DistinctPlacesFold)other)._places) Add(value, place);
    }

    public override Value Finish(Instant asOf) => Value.Of([.. Kept().Select(one => one.Value)]);

    public override void Clear()
    {
        _places.Clear();
        _threshold = null;
    }

    public override void Write(StateWriter writer)
    {
        var kept = Kept();
        writer.WriteUnsigned((ulong)kept.Count);
        foreach (var (value, place) in kept)
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

    // In the order of their places.
    private List<(Value Value, Place Place)> Kept()
    {
        var all = _places.Select(one => (Value: one.Key, Place: one.Value)).ToList();
        all.Sort((left, right) => left.Place.CompareTo(right.Place));
        if (all.Count <= k) return all;
        return sign > 0 ? all[^k..] : all[..k];
    }

    private void Cut()
    {
        var kept = Kept();
        _places.Clear();
        foreach (var (value, place) in kept) _places.Add(value, place);
        _threshold = sign > 0 ? kept[0].Place : kept[^1].Place;
    }
}
