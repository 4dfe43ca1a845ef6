using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Windows.Pasts;

/// <summary>
/// The rows of the past after the last one for which the condition held, or all of them while it never did. A row that
/// arrives late, and for which it held, would put some of them out again: then the past is torn, and cannot be told
/// until the condition holds for a newer row.
/// </summary>
internal sealed class SincePast(FeatureKernel kernel, SinceFrame frame) : WindowPast
{
    private readonly Accumulator _fold = kernel.Start();
    private Place? _held;
    private Place? _newest;
    private bool _isTorn;

    public override void Add(FeatureRow row)
    {
        var place = new Place(row.OccurredAt, row.Position);
        if (_held is { } held && place.CompareTo(held) < 0) return;
        var isNewest = _newest is not { } newest || place.CompareTo(newest) > 0;
        if (isNewest) _newest = place;
        if (frame.Holds(row))
        {
            (_held, _isTorn) = (place, !isNewest);
            _fold.Clear();
            if (!frame.HoldsStart) return;
        }
        if (!_isTorn) kernel.Add(_fold, row);
    }

    public override bool TryMerge(Accumulator fold, in WindowSelection selection, Instant newest)
    {
        if (!selection.ReachesBack) return true;
        if (_isTorn) return false;
        fold.Merge(_fold);
        return true;
    }

    public override void Write(StateWriter writer)
    {
        writer.WriteByte((byte)((_isTorn ? 1 : 0) | (_held is null ? 0 : 2)));
        Write(writer, _newest!.Value);
        if (_held is { } held) Write(writer, held);
        if (!_isTorn) _fold.Write(writer);
    }

    public override void Read(ref StateReader reader)
    {
        var flags = reader.ReadByte();
        if (flags > 3) throw new StateCorruptException($"The flags of a condition are {flags}.");
        _isTorn = (flags & 1) != 0;
        _newest = ReadPlace(ref reader);
        if ((flags & 2) != 0) _held = ReadPlace(ref reader);
        if (!_isTorn) _fold.Read(ref reader);
    }

    private static void Write(StateWriter writer, Place place)
    {
        writer.WriteInstant(place.OccurredAt);
        writer.WriteUnsigned(place.Position.Value);
    }

    private static Place ReadPlace(ref StateReader reader) => new(reader.ReadInstant(), new Position(reader.ReadUnsigned()));
}
