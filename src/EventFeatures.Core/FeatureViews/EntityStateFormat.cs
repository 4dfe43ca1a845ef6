using System.Text;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// The bytes of an entity's state: format version, the view's mark, the contents, and a checksum over all of it.
/// Rows stand in fold order and texts that repeat stand once, so there is one spelling for each state.
/// </summary>
internal static class EntityStateFormat
{
    private const int ChecksumBytes = 8;

    public static byte[] Write(CompiledView view, EntityState state)
    {
        var writer = new StateWriter();
        writer.WriteByte(EntityState.FormatVersion);
        writer.WriteBits((long)view.StateMark);
        writer.WriteText(state.EntityKey);
        writer.WriteUnsigned(state.LastPosition.Value);
        writer.WriteSigned(state.LastRevision);
        state.Past.Write(writer);
        WriteRows(writer, state.Rows);
        writer.WriteBits((long)Checksum(writer.Written));
        return writer.Written.ToArray();
    }

    public static EntityState Read(CompiledView view, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 1 + ChecksumBytes) throw new StateCorruptException($"There are only {bytes.Length} bytes.");
        var content = bytes[..^ChecksumBytes];
        if ((ulong)BitConverter.ToInt64(bytes[^ChecksumBytes..]) != Checksum(content)) throw new StateCorruptException("Their checksum does not fit.");
        var reader = new StateReader(content);
        if (reader.ReadByte() is var version and not EntityState.FormatVersion) throw new StateCorruptException($"Their format is {version} and this software reads {EntityState.FormatVersion}.");
        if ((ulong)reader.ReadBits() != view.StateMark) throw new StateCorruptException($"They are not of view '{view.View.Reference}'.");
        var state = new EntityState(view, reader.ReadText());
        var lastPosition = new Position(reader.ReadUnsigned());
        var lastRevision = reader.ReadSigned();
        state.Past.Read(ref reader);
        state.Restore(lastPosition, lastRevision, ReadRows(ref reader, view, state.EntityKey));
        if (!reader.AtEnd) throw new StateCorruptException("Bytes are left over.");
        return state;
    }

    private static void WriteRows(StateWriter writer, ReadOnlySpan<FeatureRow> rows)
    {
        writer.WriteUnsigned((ulong)rows.Length);
        var texts = new List<string>();
        var before = 0L;
        foreach (var row in rows)
        {
            writer.WriteSigned(row.OccurredAt.Microseconds - before);
            before = row.OccurredAt.Microseconds;
            writer.WriteSigned(row.RecordedAt.Microseconds - before);
            writer.WriteUnsigned(row.Position.Value);
            writer.WriteSigned(row.Revision);
            writer.WriteGuid(row.EventId);
            WriteShared(writer, texts, row.StreamId);
            WriteShared(writer, texts, row.EventType);
            foreach (var value in CompiledView.ColumnsOf(row)) writer.WriteValue(value);
        }
    }

    private static List<FeatureRow> ReadRows(ref StateReader reader, CompiledView view, string entityKey)
    {
        const int RowBytesMin = 22;
        var rows = new List<FeatureRow>(reader.ReadCount(RowBytesMin));
        var texts = new List<string>();
        var before = 0L;
        for (var left = rows.Capacity; left > 0; left--)
        {
            var occurredAt = new Instant(before += reader.ReadSigned());
            var recordedAt = new Instant(before + reader.ReadSigned());
            var position = new Position(reader.ReadUnsigned());
            var revision = reader.ReadSigned();
            var eventId = reader.ReadGuid();
            var stream = ReadShared(ref reader, texts);
            var type = ReadShared(ref reader, texts);
            var columns = new Value[view.Columns.Count];
            for (var i = 0; i < columns.Length; i++) columns[i] = reader.ReadValue();
            rows.Add(new FeatureRow(entityKey, occurredAt, recordedAt, position, stream, revision, eventId, type, columns));
        }
        return rows;
    }

    private static void WriteShared(StateWriter writer, List<string> texts, string text)
    {
        var index = texts.IndexOf(text);
        writer.WriteUnsigned((ulong)(index + 1));
        if (index >= 0) return;
        texts.Add(text);
        writer.WriteText(text);
    }

    private static string ReadShared(ref StateReader reader, List<string> texts)
    {
        var index = reader.ReadUnsigned();
        if (index > (ulong)texts.Count) throw new StateCorruptException($"There is no text {index}.");
        if (index > 0) return texts[(int)index - 1];
        texts.Add(reader.ReadText());
        return texts[^1];
    }

    /// <summary>What tells a view's states from those of every other.</summary>
    public static ulong Mark(FeatureView view) => Checksum(Encoding.UTF8.GetBytes($"{view.Reference} {view.Digest}"));

    // FNV-1a, 64 bits: enough to notice damage, which is all that is asked of it here.
    private static ulong Checksum(ReadOnlySpan<byte> bytes)
    {
        var hash = 0xCBF2_9CE4_8422_2325UL;
        foreach (var value in bytes) hash = (hash ^ value) * 0x0000_0100_0000_01B3UL;
        return hash;
    }
}
