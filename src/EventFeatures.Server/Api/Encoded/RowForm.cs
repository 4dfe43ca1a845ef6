using System.Text;
using EventFeatures.Application.FeatureServices;
using EventFeatures.Log.Protocol;

namespace EventFeatures.Server.Api.Encoded;

/// <summary>One row of a batch as its message: how long its parts are, and then they themselves.</summary>
internal readonly ref struct RowForm
{
    private const byte Value = 1 << 3 | 2;
    private const byte Statuses = 2 << 3 | 2;
    private const byte Defaulted = 3 << 3 | 2;
    private const byte EntityKey = 4 << 3 | 2;
    private const byte KnownAt = 5 << 3 | 2;
    private const byte OccurredAt = 6 << 3 | 2;

    private readonly FeatureBatchVector _row;
    private readonly ReadOnlySpan<ValueForm> _values;
    private readonly int _length;
    private readonly int _defaulted;
    private readonly int _knownAt;

    /// <param name="row">The row.</param>
    /// <param name="values">Room for the forms of its values.</param>
    public RowForm(FeatureBatchVector row, Span<ValueForm> values)
    {
        _row = row;
        _values = values[..row.Values.Count];
        var times = new InstantTexts();
        for (var i = 0; i < row.Values.Count; i++)
        {
            values[i] = new ValueForm(row.Values[i].Value);
            _length += FieldSize.Field(values[i].Length) + FieldSize.Field(times.Of(row.Values[i].OccurredAt).Length);
            if (row.Values[i].Defaulted) _defaulted += FieldSize.Varint((ulong)i);
        }
        foreach (var view in row.Views)
        {
            _length += FieldSize.Field(Encoding.UTF8.GetByteCount(view.EntityKey));
            _knownAt += FieldSize.Varint(view.KnownAt.Value);
        }
        // A status is a byte. An empty packed field is left out.
        foreach (var packed in (ReadOnlySpan<int>)[row.Values.Count, _defaulted, _knownAt])
            if (packed > 0) _length += FieldSize.Field(packed);
    }

    /// <summary>Writes the message with its tag and its length.</summary>
    public void Write(byte tag, EncodedAnswer encoded)
    {
        var at = encoded.Room(FieldSize.Field(_length));
        at.Length(tag, _length);
        foreach (var value in _values) value.Write(Value, ref at);
        if (_values.Length > 0) at.Length(Statuses, _values.Length);
        foreach (var value in _row.Values) at.Varint((ulong)FeatureMessages.ToMessage(value.Status));
        if (_defaulted > 0) at.Length(Defaulted, _defaulted);
        for (var i = 0; i < _values.Length; i++)
            if (_row.Values[i].Defaulted) at.Varint((ulong)i);
        foreach (var view in _row.Views) at.Text(EntityKey, view.EntityKey, Encoding.UTF8.GetByteCount(view.EntityKey));
        if (_knownAt > 0) at.Length(KnownAt, _knownAt);
        foreach (var view in _row.Views) at.Varint(view.KnownAt.Value);
        var times = new InstantTexts();
        foreach (var value in _row.Values)
        {
            var occurredAt = times.Of(value.OccurredAt);
            at.Text(OccurredAt, occurredAt, occurredAt.Length);
        }
    }
}
