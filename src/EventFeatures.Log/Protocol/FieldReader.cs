using System.Text;
using System.Text.Unicode;

namespace EventFeatures.Log.Protocol;

/// <summary>
/// The fields of a protobuf message, one after the other, without a copy. Takes and refuses what the generated messages
/// do; fields that its user does not know are to be skipped.
/// </summary>
internal ref struct FieldReader(ReadOnlySpan<byte> message)
{
    private const int Numeric = 0;
    private const int EightBytes = 1;
    private const int LengthDelimited = 2;
    private const int GroupStart = 3;
    private const int GroupEnd = 4;
    private const int FourBytes = 5;
    private const int NestingMax = 100;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _message = message;

    /// <summary>How many bytes were read.</summary>
    public int At { get; private set; }

    /// <summary>Reads the next field's tag, its number times eight plus how it is encoded; false at the end.</summary>
    /// <exception cref="MalformedMessageException">There is no such field.</exception>
    public bool TryNext(out uint tag)
    {
        tag = 0;
        if (At == _message.Length) return false;
        tag = (uint)Varint();
        return tag >> 3 != 0 ? true : throw new MalformedMessageException("A field has the number 0.");
    }

    /// <summary>Reads a number.</summary>
    /// <exception cref="MalformedMessageException">It is longer than any number, or the message ends within it.</exception>
    public ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (At == _message.Length) throw new MalformedMessageException("It ends within a number.");
            var part = _message[At++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }
        throw new MalformedMessageException("A number has more than ten bytes.");
    }

    /// <summary>Reads the bytes of a length-delimited field; they end at <see cref="At"/>.</summary>
    /// <exception cref="MalformedMessageException">The message ends within them.</exception>
    public ReadOnlySpan<byte> Bytes()
    {
        var length = (uint)Varint();
        if (length > (uint)(_message.Length - At)) throw new MalformedMessageException(FormattableString.Invariant($"It ends within a field of {length} bytes."));
        At += (int)length;
        return _message.Slice(At - (int)length, (int)length);
    }

    /// <summary>Reads past the bytes of a length-delimited field, and says where in the message they lie.</summary>
    /// <exception cref="MalformedMessageException">The message ends within them.</exception>
    public Range Place()
    {
        var length = Bytes().Length;
        return (At - length)..At;
    }

    /// <summary>Skips the field of a tag that was just read.</summary>
    /// <exception cref="MalformedMessageException">It cannot be read.</exception>
    public void Skip(uint tag) => Skip(tag, NestingMax);

    /// <summary>The text of a field's bytes.</summary>
    /// <exception cref="MalformedMessageException">It is not UTF-8.</exception>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw NoText();
        }
    }

    /// <summary>Refuses bytes that stand for text and are none.</summary>
    /// <exception cref="MalformedMessageException">They are not UTF-8.</exception>
    public static void RequireText(ReadOnlySpan<byte> bytes)
    {
        if (!Utf8.IsValid(bytes)) throw NoText();
    }

    private void Skip(uint tag, int nesting)
    {
        switch (tag & 7)
        {
            case Numeric:
                Varint();
                break;
            case EightBytes:
                Advance(8);
                break;
            case LengthDelimited:
                Bytes();
                break;
            case FourBytes:
                Advance(4);
                break;
            case GroupStart when nesting > 0:
                while (true)
                {
                    if (!TryNext(out var inner)) throw new MalformedMessageException("It ends within a group.");
                    if ((inner & 7) != GroupEnd) Skip(inner, nesting - 1);
                    else if (inner >> 3 == tag >> 3) break;
                    else throw new MalformedMessageException("A group ends that did not begin.");
                }
                break;
            default:
                throw new MalformedMessageException(FormattableString.Invariant($"Field {tag >> 3} is encoded in no known way."));
        }
    }

    private void Advance(int count)
    {
        if (_message.Length - At < count) throw new MalformedMessageException("It ends within a field.");
        At += count;
    }

    private static MalformedMessageException NoText() => new("A text is not UTF-8.");
}

/// <summary>The bytes are no message. The caller's fault, as any failure of its stream is.</summary>
internal sealed class MalformedMessageException(string message) : IOException(message);
