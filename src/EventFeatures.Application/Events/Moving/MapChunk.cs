using System.Buffers;
using System.Text.Json;
using EventFeatures.Core.Events;

namespace EventFeatures.Application.Events.Moving;

/// <summary>A stretch of a position map, as one event holds it: both positions rise from entry to entry.</summary>
/// <param name="Entries">The copied events in their order; never empty.</param>
/// <param name="LastEventId">The last one's id: shows whether a log that is copied on is the same.</param>
/// <param name="Digest">SHA-256 over all that was copied up to here, lower-case hexadecimal.</param>
internal sealed record MapChunk(IReadOnlyList<MapEntry> Entries, Guid LastEventId, string Digest)
{
    public const string Type = "PositionsMapped";

    /// <summary>As an event, whose id follows from what it says.</summary>
    public EventData ToEventData(string map)
    {
        var json = new Stored(
            Entries.Count, Entries[0].Old, Entries[^1].Old, Entries[0].New, Entries[^1].New, LastEventId, Digest, Convert.ToBase64String(Pack()));
        return new EventData(EventIds.Derive("positions-mapped", map, Digest), Type, JsonSerializer.SerializeToUtf8Bytes(json, JsonSerializerOptions.Web));
    }

    /// <exception cref="JsonException">The event is no chunk.</exception>
    public static MapChunk Read(RecordedEvent recorded)
    {
        var json = JsonSerializer.Deserialize<Stored>(recorded.Data.Span, JsonSerializerOptions.Web) ?? throw new JsonException("The event is empty.");
        try
        {
            return new MapChunk(Unpack(Convert.FromBase64String(json.Entries), json.Events), json.LastEventId, json.Digest);
        }
        catch (Exception damaged) when (damaged is FormatException or IndexOutOfRangeException)
        {
            throw new JsonException($"The positions at revision {recorded.Revision} of '{recorded.StreamId}' cannot be read.", damaged);
        }
    }

    // Differences to the entry before, seven bits a byte: five to ten bytes an event.
    private byte[] Pack()
    {
        var packed = new ArrayBufferWriter<byte>(Entries.Count * 8);
        MapEntry last = default;
        foreach (var entry in Entries)
        {
            Write(packed, entry.Old - last.Old);
            Write(packed, entry.New - last.New);
            var later = entry.Created - last.Created;
            Write(packed, (ulong)(later << 1 ^ later >> 63));
            last = entry;
        }
        return packed.WrittenSpan.ToArray();
    }

    private static MapEntry[] Unpack(byte[] packed, int count)
    {
        var entries = new MapEntry[count];
        var at = 0;
        MapEntry last = default;
        for (var i = 0; i < count; i++)
        {
            var (old, moved, later) = (Read(packed, ref at), Read(packed, ref at), Read(packed, ref at));
            entries[i] = last = new MapEntry(last.Old + old, last.New + moved, last.Created + ((long)(later >> 1) ^ -(long)(later & 1)));
        }
        return entries;
    }

    private static void Write(ArrayBufferWriter<byte> packed, ulong number)
    {
        for (; number >= 0x80; number >>= 7) packed.Write([(byte)(number | 0x80)]);
        packed.Write([(byte)number]);
    }

    private static ulong Read(byte[] packed, ref int at)
    {
        var number = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = packed[at++];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return number;
        }
    }

    private sealed record Stored(int Events, ulong FromOld, ulong ToOld, ulong FromNew, ulong ToNew, Guid LastEventId, string Digest, string Entries);
}
