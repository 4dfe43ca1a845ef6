using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// <c>group_by</c>: a fold for each group, whose results make a map by the group's value as text. Events whose group
/// is null do not count. A map over no event is empty; over more groups than <c>max_groups</c> the result is null,
/// since a part of the groups would pass for the whole, and nothing but that makes it null.
/// </summary>
/// <remarks>
/// Once there are too many groups, only that fact is kept: no further event and no merge can bring it back below,
/// so the result still depends on the set of the events alone.
/// </remarks>
internal sealed class GroupedFold(Func<Accumulator> start, long? groupsMax) : Accumulator
{
    /// <summary>How many groups there may be where <c>max_groups</c> says nothing, and how many it may allow.</summary>
    public const int GroupsDefault = 1_000, GroupsLimit = 10_000;

    private readonly long _groupsMax = groupsMax ?? GroupsDefault;
    private readonly Dictionary<Value, Accumulator> _groups = [];
    private bool _tooMany;

    /// <summary>Whether values of a kind can name groups. Numbers cannot: their last bits would.</summary>
    public static bool Takes(ValueKind kind) => ValueOrder.Covers(kind) && kind != ValueKind.Number;

    /// <summary>A group and an input as the one value that <see cref="Add"/> takes.</summary>
    public static Value Pair(in Value group, in Value input) => Value.Of([group, input]);

    public override void Add(in Value input, Place place)
    {
        if (Group(input.Elements[0]) is { } fold) fold.Add(input.Elements[1], place);
    }

    public override void Merge(Accumulator other)
    {
        var grouped = (GroupedFold)other;
        if (grouped._tooMany) GiveUp();
        foreach (var (group, fold) in grouped._groups) Group(group)?.Merge(fold);
    }

    public override Value Finish(Instant asOf)
    {
        if (_tooMany) return Value.Null;
        var map = new Dictionary<string, Value>(_groups.Count, StringComparer.Ordinal);
        foreach (var (group, fold) in _groups) map.Add(ValueText.Of(group), fold.Finish(asOf));
        return Value.Of(map);
    }

    public override void Clear()
    {
        _groups.Clear();
        _tooMany = false;
    }

    public override void Write(StateWriter writer)
    {
        writer.WriteByte(_tooMany ? (byte)1 : (byte)0);
        if (_tooMany) return;
        writer.WriteUnsigned((ulong)_groups.Count);
        foreach (var (group, fold) in _groups.OrderBy(one => one.Key, ValueText.Order))
        {
            writer.WriteValue(group);
            fold.Write(writer);
        }
    }

    public override void Read(ref StateReader reader)
    {
        _tooMany = reader.ReadFlag();
        if (_tooMany) return;
        for (var left = reader.ReadCount(); left > 0; left--)
        {
            var fold = start();
            if (!_groups.TryAdd(reader.ReadValue(), fold) || _groups.Count > _groupsMax) throw new StateCorruptException("A group is there twice, or too many are.");
            fold.Read(ref reader);
        }
    }

    private Accumulator? Group(in Value group)
    {
        if (_tooMany) return null;
        if (_groups.TryGetValue(group, out var known)) return known;
        if (_groups.Count == _groupsMax)
        {
            GiveUp();
            return null;
        }
        return _groups[group] = start();
    }

    private void GiveUp()
    {
        _tooMany = true;
        _groups.Clear();
    }
}
