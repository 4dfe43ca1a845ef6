using System.Collections.Concurrent;
using EventFeatures.Core.FeatureViews.Aggregates;

namespace EventFeatures.Core.FeatureViews;

/// <summary>Empty folds of a view's features, to be used again: one set for each thread that evaluates at the same time.</summary>
internal sealed class FoldScratch(FeatureKernel[] kernels)
{
    private readonly ConcurrentQueue<Set> _free = new();

    /// <summary>A set that nobody else uses.</summary>
    public Set Take() => _free.TryDequeue(out var free) ? free : new Set([.. kernels.Select(kernel => kernel.Start())], new int[kernels.Length]);

    /// <summary>Empties a set's folds and gives it back. One that was broken off is not given back.</summary>
    public void Return(Set set)
    {
        foreach (var fold in set.Folds) fold.Clear();
        _free.Enqueue(set);
    }

    /// <summary>A fold for each feature, and where the rows begin that it has taken in.</summary>
    public sealed record Set(Accumulator[] Folds, int[] From);
}
