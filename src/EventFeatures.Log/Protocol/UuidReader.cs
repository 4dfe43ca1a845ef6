using System.Buffers.Binary;

namespace EventFeatures.Log.Protocol;

/// <summary>Reads UUID messages, in either form, where they lie. One that comes in parts is what all of them say.</summary>
internal struct UuidReader
{
    // Tags: field number times eight, plus 2 for a length-delimited field.
    private const uint Structured = 1 << 3 | 2;
    private const uint Text = 2 << 3 | 2;
    private const uint MostSignificant = 1 << 3;
    private const uint LeastSignificant = 2 << 3;

    private (ulong Most, ulong Least)? _halves;
    private Guid? _text;

    /// <summary>The id; <see langword="null"/> when there is none or the text is no UUID.</summary>
    public readonly Guid? Id
    {
        get
        {
            if (_halves is not { } halves) return _text;
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, halves.Most);
            BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], halves.Least);
            return new Guid(bytes, bigEndian: true);
        }
    }

    /// <summary>Reads a message, or a further part of one.</summary>
    /// <exception cref="MalformedMessageException">It is none.</exception>
    public void Read(ReadOnlySpan<byte> message)
    {
        var fields = new FieldReader(message);
        while (fields.TryNext(out var tag))
        {
            switch (tag)
            {
                case Structured:
                    ReadHalves(fields.Bytes());
                    break;
                case Text:
                    _text = Guid.TryParse(FieldReader.Text(fields.Bytes()), out var read) ? read : null;
                    _halves = null;
                    break;
                default:
                    fields.Skip(tag);
                    break;
            }
        }
    }

    private void ReadHalves(ReadOnlySpan<byte> message)
    {
        var (most, least) = _halves ?? default;
        var fields = new FieldReader(message);
        while (fields.TryNext(out var tag))
        {
            switch (tag)
            {
                case MostSignificant:
                    most = fields.Varint();
                    break;
                case LeastSignificant:
                    least = fields.Varint();
                    break;
                default:
                    fields.Skip(tag);
                    break;
            }
        }
        _halves = (most, least);
    }
}
