using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Runs;

/// <summary>
/// The greatest input or, with a negative sign, the least, by <see cref="ValueOrder"/>. Inputs stand as whole numbers of
/// the same order in a tree whose nodes hold the greatest below them, so that a run is a handful of nodes.
/// </summary>
internal sealed class ExtremeRun : RunFold
{
    private readonly ValueKind _kind;
    private readonly int _sign;
    // The node of input i is at _count + i, and that of two neighbours at half their index.
    private readonly long[] _greatest;
    private readonly int _count;

    private ExtremeRun(InputRun inputs, ValueKind kind, int sign)
    {
        (_kind, _sign, _count) = (kind, sign, inputs.Count);
        _greatest = new long[2 * _count];
        for (var i = 0; i < _count; i++) _greatest[_count + i] = KeyOf(inputs.Values[i]);
        for (var node = _count - 1; node > 0; node--) _greatest[node] = Math.Max(_greatest[2 * node], _greatest[2 * node + 1]);
    }

    /// <summary>The tree over inputs of a kind; null where their order is none of whole numbers.</summary>
    public static ExtremeRun? TryOf(InputRun inputs, ValueKind kind, int sign) =>
        kind is ValueKind.Integer or ValueKind.Number or ValueKind.Timestamp or ValueKind.Date ? new ExtremeRun(inputs, kind, sign) : null;

    public override Value Over(int first, int end, Instant asOf)
    {
        if (first == end) return Value.Null;
        var greatest = long.MinValue;
        for (var (left, right) = (first + _count, end + _count); left < right; left >>= 1, right >>= 1)
        {
            if ((left & 1) == 1) greatest = Math.Max(greatest, _greatest[left++]);
            if ((right & 1) == 1) greatest = Math.Max(greatest, _greatest[--right]);
        }
        return ValueOf(greatest);
    }

    private long KeyOf(in Value input)
    {
        var key = _kind switch
        {
            ValueKind.Integer => input.Integer,
            ValueKind.Number => OrderedBits.TotalOf(input.Number),
            ValueKind.Timestamp => input.Timestamp.Microseconds,
            _ => input.Date.DayNumber,
        };
        return _sign > 0 ? key : ~key;
    }

    private Value ValueOf(long key)
    {
        if (_sign < 0) key = ~key;
        return _kind switch
        {
            ValueKind.Integer => Value.Of(key),
            ValueKind.Number => Value.Of(OrderedBits.ToTotalNumber(key)),
            ValueKind.Timestamp => Value.Of(new Instant(key)),
            _ => Value.Of(DateOnly.FromDayNumber((int)key)),
        };
    }
}
