using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Windows.Pasts;

/// <summary>
/// The last session of the past, which is all of it that can still matter. A row that arrives late may join it to an
/// earlier one, of which nothing is kept but its end: then it is torn, and cannot be told until another one is the last.
/// </summary>
internal sealed class SessionPast(FeatureKernel kernel, SessionFrame frame) : WindowPast
{
    private readonly Accumulator _fold = kernel.Start();
    private Instant? _start;
    private Instant _end;
    private Instant? _endBefore;
    private bool _isTorn;

    public override void Add(FeatureRow row)
    {
        var at = row.OccurredAt;
        if (_start is null) Begin(at);
        else if (at >= _end && frame.Joins(_end, at)) _end = at;
        else if (at > _end)
        {
            _endBefore = _end;
            Begin(at);
        }
        else if (at < _start && !frame.Joins(at, _start.Value))
        {
            if (_endBefore is null || at > _endBefore) _endBefore = at;
            return;
        }
        else if (at < _start)
        {
            _start = at;
            if (_endBefore is { } before && frame.Joins(before, at)) Tear();
        }
        if (!_isTorn) kernel.Add(_fold, row);
    }

    public override bool TryMerge(Accumulator fold, in WindowSelection selection, Instant newest)
    {
        if (!selection.ReachesBack || (selection.Oldest is { } oldest && !frame.Joins(_end, oldest.OccurredAt))) return true;
        if (_isTorn) return false;
        fold.Merge(_fold);
        return true;
    }

    public override void Write(StateWriter writer)
    {
        writer.WriteByte((byte)((_isTorn ? 1 : 0) | (_endBefore is null ? 0 : 2)));
        writer.WriteInstant(_start!.Value);
        writer.WriteSigned((_end - _start.Value).Microseconds);
        if (_endBefore is { } before) writer.WriteSigned((_start.Value - before).Microseconds);
        if (!_isTorn) _fold.Write(writer);
    }

    public override void Read(ref StateReader reader)
    {
        var flags = reader.ReadByte();
        if (flags > 3) throw new StateCorruptException($"The flags of a session are {flags}.");
        _isTorn = (flags & 1) != 0;
        var start = reader.ReadInstant();
        _start = start;
        _end = start + new Duration(reader.ReadSigned());
        if ((flags & 2) != 0) _endBefore = start - new Duration(reader.ReadSigned());
        if (!_isTorn) _fold.Read(ref reader);
    }

    private void Begin(Instant at)
    {
        (_start, _end, _isTorn) = (at, at, false);
        _fold.Clear();
    }

    private void Tear()
    {
        _isTorn = true;
        _fold.Clear();
    }
}
