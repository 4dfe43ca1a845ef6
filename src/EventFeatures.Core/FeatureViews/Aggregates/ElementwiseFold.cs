using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>A fold for each place of a list.</summary>
internal sealed class ElementwiseFold(Func<Accumulator> start) : Accumulator
{
    private readonly List<Accumulator> _elements = [];

    public override void Add(in Value input, Place place)
    {
        var elements = input.Elements;
        Reach(elements.Count);
        for (var i = 0; i < elements.Count; i++)
            if (elements[i] is { IsNull: false } element) _elements[i].Add(element, place);
    }

    public override void Merge(Accumulator other)
    {
        var lists = (ElementwiseFold)other;
        Reach(lists._elements.Count);
        for (var i = 0; i < lists._elements.Count; i++) _elements[i].Merge(lists._elements[i]);
    }

    public override Value Finish(Instant asOf) => Value.Of([.. _elements.Select(element => element.Finish(asOf))]);

    public override void Clear() => _elements.Clear();

    public override void Write(StateWriter writer)
    {
        writer.WriteUnsigned((ulong)_elements.Count);
        foreach (var element in _elements) element.Write(writer);
    }

    public override void Read(ref StateReader reader)
    {
        var count = reader.ReadCount();
        if (count > ElementwiseAggregate.ElementsMax) throw new StateCorruptException($"A list has {count} elements.");
        Reach(count);
        foreach (var element in _elements) element.Read(ref reader);
    }

    private void Reach(int count)
    {
        while (_elements.Count < count) _elements.Add(start());
    }
}
