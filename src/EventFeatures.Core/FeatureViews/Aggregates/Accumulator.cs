using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// A fold in progress. Its result depends on the set of its inputs and their places alone: adding in any order and
/// merging in any grouping give the same bits, and equal folds write equal bytes.
/// </summary>
public abstract class Accumulator
{
    /// <summary>
    /// Takes in one event. <paramref name="input"/> is not null where the feature has an <c>of</c>, since null inputs
    /// do not count unless it says <c>nulls: keep</c>, and is ignored where it has none. Every place comes once.
    /// </summary>
    public abstract void Add(in Value input, Place place);

    /// <summary>Takes in all that another fold of the same feature took in; the other stays as it is.</summary>
    public abstract void Merge(Accumulator other);

    /// <summary>The value as of an instant; null over no input unless the aggregate says otherwise.</summary>
    public abstract Value Finish(Instant asOf);

    /// <summary>Forgets everything, so that the fold can be used again.</summary>
    public abstract void Clear();

    /// <summary>Writes the fold in its one spelling.</summary>
    public abstract void Write(StateWriter writer);

    /// <summary>Reads into an empty fold what <see cref="Write"/> wrote.</summary>
    public abstract void Read(ref StateReader reader);
}

/// <summary>An event's place in the order of folding: event time, then position.</summary>
public readonly record struct Place(Instant OccurredAt, Position Position) : IComparable<Place>
{
    /// <inheritdoc/>
    public int CompareTo(Place other)
    {
        var byTime = OccurredAt.CompareTo(other.OccurredAt);
        return byTime != 0 ? byTime : Position.CompareTo(other.Position);
    }
}
