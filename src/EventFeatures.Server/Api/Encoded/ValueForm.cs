using System.Globalization;
using System.Text;
using EventFeatures.Core.Values;
using EventFeatures.Log.Protocol;
using Google.Protobuf;

namespace EventFeatures.Server.Api.Encoded;

/// <summary>A value as the fields of its message: how long they are, and then they themselves.</summary>
internal readonly struct ValueForm
{
    private const byte Null = 1 << 3;
    private const byte Integer = 2 << 3;
    private const byte Number = 3 << 3 | 1;
    private const byte Decimal = 4 << 3 | 2;
    private const byte Boolean = 5 << 3;
    private const byte Text = 6 << 3 | 2;
    private const byte Timestamp = 7 << 3 | 2;
    private const byte Date = 8 << 3 | 2;

    private readonly Value _value;
    private readonly int _textLength;

    // A text, or the message of a list or a map; null for what is neither.
    private readonly object? _content;

    public ValueForm(in Value value)
    {
        _value = value;
        _content = value.Kind switch
        {
            ValueKind.Decimal => value.Decimal.ToString(CultureInfo.InvariantCulture),
            ValueKind.String => value.String,
            ValueKind.Timestamp => value.Timestamp.ToString(),
            ValueKind.Date => value.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ValueKind.Array or ValueKind.Object => value.ToMessage(),
            _ => null,
        };
        _textLength = _content is string text ? Encoding.UTF8.GetByteCount(text) : 0;
        Length = _content switch
        {
            string => FieldSize.Field(_textLength),
            IMessage nested => nested.CalculateSize(),
            _ => value.Kind switch
            {
                ValueKind.Integer => 1 + FieldSize.Varint((ulong)value.Integer),
                ValueKind.Number => 1 + sizeof(double),
                _ => 2,
            },
        };
    }

    /// <summary>How long the fields are.</summary>
    public int Length { get; }

    /// <summary>Writes the message with its tag and its length.</summary>
    public void Write(byte tag, ref FieldWriter at)
    {
        at.Length(tag, Length);
        switch (_value.Kind)
        {
            case ValueKind.Null: at.Varint(Null, 0); break;
            case ValueKind.Integer: at.Varint(Integer, (ulong)_value.Integer); break;
            case ValueKind.Number: at.Double(Number, _value.Number); break;
            case ValueKind.Boolean: at.Varint(Boolean, _value.Boolean ? 1u : 0); break;
            case ValueKind.Decimal: WriteText(Decimal, ref at); break;
            case ValueKind.String: WriteText(Text, ref at); break;
            case ValueKind.Timestamp: WriteText(Timestamp, ref at); break;
            case ValueKind.Date: WriteText(Date, ref at); break;
            default: ((IMessage)_content!).WriteTo(at.Take(Length)); break;
        }
    }

    private void WriteText(byte tag, ref FieldWriter at) => at.Text(tag, (string)_content!, _textLength);
}
