using EventFeatures.Core.FeatureViews.State;

namespace EventFeatures.Application.TrainingSets.Spilling;

/// <summary>How an item stands in a spill file.</summary>
internal abstract class SpillFormat<T>
{
    public abstract void Write(StateWriter writer, T item);

    public abstract T Read(ref StateReader reader);
}
