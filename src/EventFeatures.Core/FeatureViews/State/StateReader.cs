using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.State;

/// <summary>Reads what <see cref="StateWriter"/> wrote. Every length is checked against what is left before it is believed.</summary>
public ref struct StateReader(ReadOnlySpan<byte> bytes)
{
    private const int ValueDepthMax = 64;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether everything was read.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>One byte.</summary>
    public byte ReadByte() => ReadRaw(1)[0];

    /// <summary>True or false.</summary>
    public bool ReadFlag() => ReadByte() switch
    {
        0 => false,
        1 => true,
        var other => throw new StateCorruptException($"A flag is {other}."),
    };

    /// <summary>Bytes as they are.</summary>
    public ReadOnlySpan<byte> ReadRaw(int count)
    {
        if (count < 0 || count > _rest.Length) throw new StateCorruptException($"{count} bytes are announced and {_rest.Length} are left.");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    /// <summary>An unsigned integer.</summary>
    public ulong ReadUnsigned()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = ReadByte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
        throw new StateCorruptException("An integer has more than ten bytes.");
    }

    /// <summary>A signed integer.</summary>
    public long ReadSigned()
    {
        var value = ReadUnsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>How many things follow, each of which takes at least <paramref name="bytesEach"/> bytes.</summary>
    public int ReadCount(int bytesEach = 1)
    {
        var count = ReadUnsigned();
        if (count > (ulong)(_rest.Length / bytesEach)) throw new StateCorruptException($"{count} items are announced and {_rest.Length} bytes are left.");
        return (int)count;
    }

    /// <summary>Eight bytes, little-endian.</summary>
    public long ReadBits() => BinaryPrimitives.ReadInt64LittleEndian(ReadRaw(8));

    /// <summary>An id.</summary>
    public Guid ReadGuid() => new(ReadRaw(16));

    /// <summary>Text.</summary>
    public string ReadText()
    {
        try
        {
            return Utf8.GetString(ReadRaw(ReadCount()));
        }
        catch (DecoderFallbackException)
        {
            throw new StateCorruptException("A text is not UTF-8.");
        }
    }

    /// <summary>An integer of any size.</summary>
    public BigInteger ReadBig() => new(ReadRaw(ReadCount()));

    /// <summary>An instant.</summary>
    public Instant ReadInstant() => new(ReadSigned());

    /// <summary>A place in the order of folding.</summary>
    public Place ReadPlace()
    {
        var occurredAt = ReadInstant();
        return new Place(occurredAt, new Position(ReadUnsigned()));
    }

    /// <summary>A value with its kind.</summary>
    public Value ReadValue(int depth = 0)
    {
        if (depth > ValueDepthMax) throw new StateCorruptException("Values are nested too deep.");
        var kind = (ValueKind)ReadByte();
        return kind switch
        {
            ValueKind.Null => Value.Null,
            ValueKind.Integer => Value.Of(ReadSigned()),
            ValueKind.Number => Value.Of(BitConverter.Int64BitsToDouble(ReadBits())),
            ValueKind.Decimal => ReadDecimal(),
            ValueKind.Boolean => Value.Of(ReadByte() != 0),
            ValueKind.String => Value.Of(ReadText()),
            ValueKind.Timestamp => Value.Of(ReadInstant()),
            ValueKind.Date => ReadDate(),
            ValueKind.Array => ReadArray(depth),
            ValueKind.Object => ReadObject(depth),
            _ => throw new StateCorruptException($"There is no kind of value {(byte)kind}."),
        };
    }

    private Value ReadDecimal()
    {
        var scale = ReadByte();
        var mantissa = ReadBig();
        if (scale > 28 || BigInteger.Abs(mantissa).GetBitLength() > 96) throw new StateCorruptException("A decimal is out of range.");
        return Value.Of(ExactDecimal.Round(mantissa, scale) ?? throw new StateCorruptException("A decimal is out of range."));
    }

    private Value ReadDate()
    {
        var day = ReadSigned();
        if (day < 0 || day > DateOnly.MaxValue.DayNumber) throw new StateCorruptException($"There is no day {day}.");
        return Value.Of(DateOnly.FromDayNumber((int)day));
    }

    private Value ReadArray(int depth)
    {
        var elements = new Value[ReadCount()];
        for (var i = 0; i < elements.Length; i++) elements[i] = ReadValue(depth + 1);
        return Value.Of(elements);
    }

    private Value ReadObject(int depth)
    {
        var count = ReadCount(2);
        var members = new Dictionary<string, Value>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
            if (!members.TryAdd(ReadText(), ReadValue(depth + 1))) throw new StateCorruptException("A member is there twice.");
        return Value.Of(members);
    }
}

/// <summary>A state's bytes are not what was written. The online view can be rebuilt from the log.</summary>
public sealed class StateCorruptException(string what)
    : Exception($"The bytes of an entity's state are corrupt: {what} Rebuild the view from the log.");
