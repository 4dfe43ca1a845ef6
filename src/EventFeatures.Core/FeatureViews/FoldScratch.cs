using System.Collections.Concurrent;
using EventFeatures.Core.FeatureViews.Aggregates;

namespace EventFeatures.Core.FeatureViews;

/// <summary>Empty folds of a view's features, to be used again: one set for each thread that evaluates at the same time.</summary>
internal sealed class FoldScratch(FeatureKernel[] kernels)
{
    private readonly ConcurrentQueue<Set> _free = new();

    /// <summary>A set that nobody else uses.</summary>
    public Set Take()
    {
        if (_free.TryDequeue(out var free)) return free;
        var from = new int[kernels.Length];
        Array.Fill(from, Set.Empty);
        return new Set([.. kernels.Select(kernel => kernel.Start())], from);
    }

    /// <summary>Empties the folds of a set and gives it back. One that was broken off is not given back.</summary>
    public void Return(Set set)
    {
        for (var i = 0; i < set.From.Length; i++)
        {
            if (set.From[i] == Set.Empty) continue;
            set.Folds[i].Clear();
            set.From[i] = Set.Empty;
        }
        _free.Enqueue(set);
    }

    /// <summary>A fold for each feature, and where the rows begin that it has taken in: <see cref="Empty"/> for none.</summary>
    public sealed record Set(Accumulator[] Folds, int[] From)
    {
        public const int Empty = -1;
    }
}
