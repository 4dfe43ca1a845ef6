using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// What one contract's events of one stream have shown so far, as far as it decides which later ones count: what
/// <see cref="RowAdmission"/> holds, but bounded, durable, and apart from any entity. Immutable: each event gives
/// the next.
/// </summary>
public sealed class StreamFacts
{
    /// <summary>
    /// How many ids are held. A stream with more admitted events holds none of them, and its caller has to know which
    /// ids were admitted.
    /// </summary>
    public const int IdsMax = 128;

    private const byte FormatVersion = 1;

    private readonly Guid[] _ids;

    private StreamFacts(Guid[] ids, long admitted, Instant? newest, Position lastPosition) =>
        (_ids, Admitted, Newest, LastPosition) = (ids, admitted, newest, lastPosition);

    /// <summary>Nothing yet.</summary>
    public static StreamFacts None { get; } = new([], 0, null, Position.Start);

    /// <summary>How many events were admitted.</summary>
    public long Admitted { get; }

    /// <summary>The newest event time admitted; null before the first.</summary>
    public Instant? Newest { get; }

    /// <summary>The position of the last event decided upon.</summary>
    public Position LastPosition { get; }

    /// <summary>Whether ids of admitted events are no longer held here, so that the caller has to know them.</summary>
    public bool HasForgottenIds => Admitted > IdsMax;

    /// <summary>Decides upon the stream's next event, in the log's order.</summary>
    /// <param name="recorded">The event, which keeps its contract.</param>
    /// <param name="occurredAt">When it happened.</param>
    /// <param name="allowedLateness">How far it may lie behind the newest; null: without limit.</param>
    /// <param name="knownDuplicate">Whether its id is known to have been admitted.</param>
    /// <param name="next">The facts with this event.</param>
    public Admission Decide(RecordedEvent recorded, Instant occurredAt, Duration? allowedLateness, bool knownDuplicate, out StreamFacts next)
    {
        next = new StreamFacts(_ids, Admitted, Newest, recorded.Position);
        if (knownDuplicate || _ids.Contains(recorded.EventId)) return Admission.Duplicate;
        if (RowAdmission.IsLate(occurredAt, Newest, allowedLateness)) return Admission.Late;
        var newest = Newest is { } known && known >= occurredAt ? known : occurredAt;
        next = new StreamFacts(Admitted >= IdsMax ? [] : [.. _ids, recorded.EventId], Admitted + 1, newest, recorded.Position);
        return Admission.Admitted;
    }

    /// <summary>The canonical bytes: equal facts have equal bytes.</summary>
    public byte[] ToBytes()
    {
        var writer = new StateWriter();
        writer.WriteByte(FormatVersion);
        writer.WriteUnsigned(LastPosition.Value);
        writer.WriteUnsigned((ulong)Admitted);
        if (Newest is { } newest) writer.WriteInstant(newest);
        foreach (var id in _ids) writer.WriteGuid(id);
        return writer.Written.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="StateCorruptException">The bytes are not a stream's facts.</exception>
    public static StreamFacts FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new StateReader(bytes);
        if (reader.ReadByte() is var version and not FormatVersion) throw new StateCorruptException($"The format of a stream's facts is {version} and this software reads {FormatVersion}.");
        var position = new Position(reader.ReadUnsigned());
        var admitted = (long)reader.ReadUnsigned();
        Instant? newest = admitted > 0 ? reader.ReadInstant() : null;
        var ids = new Guid[admitted > IdsMax ? 0 : admitted];
        for (var i = 0; i < ids.Length; i++) ids[i] = reader.ReadGuid();
        if (!reader.AtEnd) throw new StateCorruptException("Bytes of a stream's facts are left over.");
        return new StreamFacts(ids, admitted, newest, position);
    }
}
