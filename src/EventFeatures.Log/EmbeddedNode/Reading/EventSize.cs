using System.Text;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol;

namespace EventFeatures.Log.EmbeddedNode.Reading;

/// <summary>The lengths of an event's nested messages, which precede them on the wire.</summary>
internal readonly struct EventSize
{
    /// <summary>Characters of a UUID in text form.</summary>
    public const int UuidText = 36;

    public EventSize(StoredEvent stored, bool structuredId)
    {
        StreamName = Encoding.UTF8.GetByteCount(stored.Stream);
        Type = Encoding.UTF8.GetByteCount(stored.Type);
        CreatedDigits = Digits(stored.CreatedMicroseconds * 10);
        Uuid = structuredId ? FieldSize.StructuredUuid(stored.Id) : 2 + UuidText;
        Identifier = FieldSize.Field(StreamName);
        Recorded = FieldSize.Field(Uuid) + FieldSize.Field(Identifier)
            + Number(stored.Revision) + 2 * Number(stored.Position)
            + FieldSize.Field(FieldSize.Entry("type".Length, Type))
            + FieldSize.Field(FieldSize.Entry("content-type".Length, stored.IsJson ? "application/json".Length : "application/octet-stream".Length))
            + FieldSize.Field(FieldSize.Entry("created".Length, CreatedDigits))
            + FieldSize.Field(stored.Metadata.Length) + FieldSize.Field(stored.Data.Length);
        Position = Number(stored.Position);
    }

    public int StreamName { get; }
    public int Type { get; }
    public int CreatedDigits { get; }
    public int Uuid { get; }
    public int Identifier { get; }
    public int Recorded { get; }

    /// <summary>The field of the event's position beside the event.</summary>
    public int Position { get; }

    private static int Number(long value) => 1 + FieldSize.Varint((ulong)value);

    private static int Digits(long value)
    {
        var digits = value < 0 ? 2 : 1;
        for (; value is > 9 or < -9; value /= 10) digits++;
        return digits;
    }
}
