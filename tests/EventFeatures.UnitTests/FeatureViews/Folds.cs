using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.FeatureViews.State;
using Shouldly;

namespace EventFeatures.UnitTests.FeatureViews;

/// <summary>Folds and their bytes.</summary>
internal static class Folds
{
    public static byte[] Bytes(Accumulator fold)
    {
        var writer = new StateWriter();
        fold.Write(writer);
        return writer.Written.ToArray();
    }

    /// <summary>What the bytes of a fold read back as.</summary>
    /// <param name="fold">The fold.</param>
    /// <param name="empty">An empty one of the same feature.</param>
    public static Accumulator Restored(Accumulator fold, Accumulator empty)
    {
        var reader = new StateReader(Bytes(fold));
        empty.Read(ref reader);
        reader.AtEnd.ShouldBeTrue();
        return empty;
    }
}
