using System.Buffers.Binary;
using System.Text;

namespace EventFeatures.Log.EmbeddedNode.Storage;

/// <summary>
/// A row of <c>log.events</c> in PostgreSQL's binary COPY format. The caller's thread encodes what it knows;
/// the writer fills in position, revision, time and run, which come first and have fixed places.
/// </summary>
internal static class EventRow
{
    /// <summary>The columns that say all of an event: where it lies and what it is.</summary>
    public const string Columns = "position, revision, created, event_id, is_json, stream, type, data, metadata";

    /// <summary>Takes rows in the order of the encoding.</summary>
    public const string Copy = "COPY log.events (position, revision, created, run, event_id, is_json, stream, type, data, metadata) FROM STDIN (FORMAT BINARY)";

    private const int ColumnCount = 10;
    private const long PostgresEpochMicroseconds = 946_684_800_000_000;

    /// <summary>The signature, no flags, no extension: what a binary COPY starts with.</summary>
    public static readonly byte[] Header = [.. "PGCOPY\n"u8, 0xFF, 0x0D, 0x0A, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>What a binary COPY ends with.</summary>
    public static readonly byte[] Trailer = [0xFF, 0xFF];

    /// <summary>The encoded size of a row.</summary>
    public static int Size(string stream, string type, int dataLength, int metadataLength) =>
        2 + 3 * 12 + 8 + 20 + 5 + 4 * 4 + Encoding.UTF8.GetByteCount(stream) + Encoding.UTF8.GetByteCount(type) + dataLength + metadataLength;

    /// <summary>Encodes all but the writer's four columns; returns the place after the row and where its payload lies.</summary>
    public static int Encode(
        byte[] rows, int offset, Guid id, bool isJson, string stream, string type,
        ReadOnlySpan<byte> data, ReadOnlySpan<byte> metadata, out Range dataRange, out Range metadataRange)
    {
        var at = offset;
        BinaryPrimitives.WriteInt16BigEndian(rows.AsSpan(at), ColumnCount);
        at += 2;
        for (var column = 0; column < 3; column++)
        {
            BinaryPrimitives.WriteInt32BigEndian(rows.AsSpan(at), 8);
            at += 12;
        }
        BinaryPrimitives.WriteInt32BigEndian(rows.AsSpan(at), 4);
        at += 8;
        BinaryPrimitives.WriteInt32BigEndian(rows.AsSpan(at), 16);
        id.TryWriteBytes(rows.AsSpan(at + 4), bigEndian: true, out _);
        at += 20;
        BinaryPrimitives.WriteInt32BigEndian(rows.AsSpan(at), 1);
        rows[at + 4] = isJson ? (byte)1 : (byte)0;
        at += 5;
        at = EncodeText(rows, at, stream);
        at = EncodeText(rows, at, type);
        at = EncodeBytes(rows, at, data);
        dataRange = (at - data.Length)..at;
        at = EncodeBytes(rows, at, metadata);
        metadataRange = (at - metadata.Length)..at;
        return at;
    }

    /// <summary>Writes the four columns that only the writer knows.</summary>
    /// <param name="rows">Encoded rows.</param>
    /// <param name="offset">Where among them the event's row starts.</param>
    /// <param name="recorded">The event, with its place.</param>
    /// <param name="run">How many events the run has that starts with this one; 0 for an event inside a run (<see cref="Runs"/>).</param>
    public static void Stamp(byte[] rows, int offset, StoredEvent recorded, int run)
    {
        BinaryPrimitives.WriteInt64BigEndian(rows.AsSpan(offset + 6), recorded.Position);
        BinaryPrimitives.WriteInt64BigEndian(rows.AsSpan(offset + 18), recorded.Revision);
        BinaryPrimitives.WriteInt64BigEndian(rows.AsSpan(offset + 30), recorded.CreatedMicroseconds - PostgresEpochMicroseconds);
        BinaryPrimitives.WriteInt32BigEndian(rows.AsSpan(offset + 42), run);
    }

    private static int EncodeText(byte[] rows, int at, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, rows.AsSpan(at + 4));
        BinaryPrimitives.WriteInt32BigEndian(rows.AsSpan(at), length);
        return at + 4 + length;
    }

    private static int EncodeBytes(byte[] rows, int at, ReadOnlySpan<byte> bytes)
    {
        BinaryPrimitives.WriteInt32BigEndian(rows.AsSpan(at), bytes.Length);
        bytes.CopyTo(rows.AsSpan(at + 4));
        return at + 4 + bytes.Length;
    }
}
