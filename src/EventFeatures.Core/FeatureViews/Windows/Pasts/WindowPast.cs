using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Windows.Pasts;

/// <summary>
/// What the rows that an entity's state keeps no more came to, for one feature's window. They are the first rows of
/// the entity's history in fold order, and are given in that order unless one arrives late.
/// </summary>
internal abstract class WindowPast
{
    /// <summary>Takes in a row that is kept no more, or that is older than all that are kept when it arrives.</summary>
    public abstract void Add(FeatureRow row);

    /// <summary>Lets go of what no window that starts at or after an instant can hold.</summary>
    public virtual void Forget(Instant before) { }

    /// <summary>
    /// Adds to a fold what of the past belongs to a window, all of whose other rows were picked among the rows kept.
    /// </summary>
    /// <param name="fold">The fold.</param>
    /// <param name="selection">What was picked.</param>
    /// <param name="newest">The newest event time in the past; it lies before the window's end.</param>
    /// <returns>False when what is kept does not tell what belongs to the window.</returns>
    public abstract bool TryMerge(Accumulator fold, in WindowSelection selection, Instant newest);

    /// <summary>Writes all of it in its one spelling.</summary>
    public abstract void Write(StateWriter writer);

    /// <summary>Reads into an empty past what <see cref="Write"/> wrote.</summary>
    public abstract void Read(ref StateReader reader);
}
