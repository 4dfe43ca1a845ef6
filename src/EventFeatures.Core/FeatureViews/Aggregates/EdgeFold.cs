using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>Keeps the input at the last place or, with a negative sign, at the first.</summary>
internal class EdgeFold(int sign) : Accumulator
{
    private bool _any;
    private Place _place;
    private Value _value;

    public override void Add(in Value input, Place place)
    {
        if (_any && sign * place.CompareTo(_place) <= 0) return;
        (_any, _place, _value) = (true, place, input);
    }

    public override void Merge(Accumulator other)
    {
        var edge = (EdgeFold)other;
        if (edge._any) Add(edge._value, edge._place);
    }

    public override Value Finish(Instant asOf) => _value;

    public override void Clear() => (_any, _place, _value) = (false, default, Value.Null);

    public override void Write(StateWriter writer)
    {
        writer.WriteByte(_any ? (byte)1 : (byte)0);
        if (!_any) return;
        writer.WritePlace(_place);
        writer.WriteValue(_value);
    }

    public override void Read(ref StateReader reader)
    {
        _any = reader.ReadByte() != 0;
        if (!_any) return;
        _place = reader.ReadPlace();
        _value = reader.ReadValue();
    }

    /// <summary>The event time of the edge; null over no input.</summary>
    protected Instant? OccurredAt => _any ? _place.OccurredAt : null;
}
