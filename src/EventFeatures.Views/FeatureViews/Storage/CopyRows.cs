using System.Buffers.Binary;
using System.Data;
using System.Runtime.InteropServices;
using System.Text;
using EventFeatures.Core.Time;
using Npgsql;

namespace EventFeatures.Views.FeatureViews.Storage;

/// <summary>
/// Rows in PostgreSQL's binary COPY format, encoded here into one buffer that is sent whenever it is full. An importer
/// that is asked to write each column by itself costs a call for each of them.
/// </summary>
internal sealed class CopyRows
{
    // Enough for few calls of the system, and little beside what a batch holds.
    private const int SendBytesMin = 1 << 16;

    private const int Null = -1;
    private const short Trailer = -1;
    private const byte JsonbVersion = 1;

    // PostgreSQL counts from the year 2000 on.
    private const long EpochMicroseconds = 946_684_800_000_000;

    private static readonly int EpochDay = new DateOnly(2000, 1, 1).DayNumber;

    // The signature, no flags, no extension.
    private static readonly byte[] Header = [.. "PGCOPY\n"u8, 0xFF, 0x0D, 0x0A, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private byte[] _bytes = new byte[2 * SendBytesMin];
    private int _count;

    /// <summary>Writes rows within the connection's transaction, which must not be committed when this fails.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="copy">The statement, <c>copy … from stdin (format binary)</c>.</param>
    /// <param name="items">What becomes a row each; where there are none, nothing is sent. Gone through once.</param>
    /// <param name="encode">Writes the row of one: <see cref="StartRow"/>, and each of the statement's columns in order.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public static async Task SendAsync<T>(
        NpgsqlConnection connection, string copy, IEnumerable<T> items, Action<CopyRows, T> encode, CancellationToken cancellation)
    {
        using var item = items.GetEnumerator();
        if (!item.MoveNext()) return;
        var rows = new CopyRows();
        rows.Append(Header);
        var stream = await connection.BeginRawBinaryCopyAsync(copy, cancellation);
        try
        {
            do
            {
                encode(rows, item.Current);
                if (rows._count >= SendBytesMin) await rows.SendAsync(stream, cancellation);
            }
            while (item.MoveNext());
            rows.Append(Trailer);
            await rows.SendAsync(stream, cancellation);
        }
        catch
        {
            // Else the connection would be left in the middle of it, and could not roll back.
            if (connection.State == ConnectionState.Open) await stream.CancelAsync();
            throw;
        }
        await stream.DisposeAsync();
    }

    /// <summary>Begins the next row.</summary>
    public void StartRow(int columns) => Append((short)columns);

    public void WriteNull() => Append(Null);

    public void Write(short value)
    {
        Append(sizeof(short));
        Append(value);
    }

    public void Write(int value)
    {
        Append(sizeof(int));
        Append(value);
    }

    public void Write(long value)
    {
        Append(sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(Room(sizeof(long)), value);
    }

    public void Write(double value) => Write(BitConverter.DoubleToInt64Bits(value));

    public void Write(bool value)
    {
        Append(sizeof(bool));
        Room(sizeof(bool))[0] = value ? (byte)1 : (byte)0;
    }

    public void Write(Guid value)
    {
        const int size = 16;
        Append(size);
        value.TryWriteBytes(Room(size), bigEndian: true, out _);
    }

    /// <summary>Writes text, of which PostgreSQL takes only what <see cref="PostgresText"/> makes.</summary>
    public void Write(string text)
    {
        var bytesMax = Encoding.UTF8.GetMaxByteCount(text.Length);
        var room = Room(sizeof(int) + bytesMax);
        var length = Encoding.UTF8.GetBytes(text, room[sizeof(int)..]);
        BinaryPrimitives.WriteInt32BigEndian(room, length);
        _count -= bytesMax - length;
    }

    /// <summary>Writes a <c>timestamptz</c>; the earliest instant is PostgreSQL's <c>-infinity</c>, as Npgsql has it.</summary>
    public void Write(Instant value) => Write(value == Instant.MinValue ? long.MinValue : value.Microseconds - EpochMicroseconds);

    /// <summary>Writes a <c>date</c>; the first and the last one are PostgreSQL's infinities, as Npgsql has it.</summary>
    public void Write(DateOnly value) =>
        Write(value == DateOnly.MinValue ? int.MinValue : value == DateOnly.MaxValue ? int.MaxValue : value.DayNumber - EpochDay);

    /// <summary>Writes a <c>numeric</c> with all its decimals, zeros too.</summary>
    public void Write(decimal value)
    {
        const int digitBase = 10_000, digitDecimals = 4, digitsMax = 9;
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var words = MemoryMarshal.Cast<int, uint>(parts);
        var rest = new UInt128(words[2], ((ulong)words[1] << 32) | words[0]);
        // Digits are of four decimals each, and none of them has the point within it.
        for (var decimals = (int)value.Scale; decimals % digitDecimals != 0; decimals++) rest *= 10;
        Span<short> digits = stackalloc short[digitsMax];
        var count = 0;
        for (; rest != 0; rest /= digitBase) digits[count++] = (short)(rest % digitBase);
        Append(sizeof(short) * (4 + count));
        Append((short)count);
        Append((short)(count == 0 ? 0 : count - 1 - (value.Scale + digitDecimals - 1) / digitDecimals));
        Append((short)(decimal.IsNegative(value) && count > 0 ? 0x4000 : 0));
        Append((short)value.Scale);
        while (count > 0) Append(digits[--count]);
    }

    /// <summary>Writes a <c>jsonb</c>.</summary>
    public void WriteJsonb(ReadOnlySpan<byte> json)
    {
        Append(1 + json.Length);
        Room(1)[0] = JsonbVersion;
        json.CopyTo(Room(json.Length));
    }

    private void Append(short value) => BinaryPrimitives.WriteInt16BigEndian(Room(sizeof(short)), value);

    private void Append(int value) => BinaryPrimitives.WriteInt32BigEndian(Room(sizeof(int)), value);

    private void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Room(bytes.Length));

    private Span<byte> Room(int size)
    {
        if (_bytes.Length - _count < size) Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _count + size));
        _count += size;
        return _bytes.AsSpan(_count - size, size);
    }

    private async Task SendAsync(NpgsqlRawCopyStream stream, CancellationToken cancellation)
    {
        await stream.WriteAsync(_bytes.AsMemory(0, _count), cancellation);
        _count = 0;
    }
}
