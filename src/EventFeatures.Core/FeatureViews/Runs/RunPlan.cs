namespace EventFeatures.Core.FeatureViews.Runs;

/// <summary>Which features of a view share inputs, and which of those share tables too, since they differ by name and window alone.</summary>
internal sealed class RunPlan
{
    private readonly int[] _inputs;
    private readonly int[] _tables;

    public RunPlan(FeatureKernel[] kernels)
    {
        (_inputs, InputKernels) = Group(kernels, feature => (feature.Of, feature.Where, feature.GroupBy, feature.Parameters.KeepNulls));
        (_tables, TableKernels) = Group(kernels, feature => feature with { Name = "", Window = new Window.Unbounded() });
    }

    /// <summary>One feature of each sort of inputs, by its index.</summary>
    public IReadOnlyList<int> InputKernels { get; }

    /// <summary>One feature of each sort of tables, by its index.</summary>
    public IReadOnlyList<int> TableKernels { get; }

    /// <summary>Which of <see cref="InputKernels"/> stands for a feature.</summary>
    public int InputOf(int feature) => _inputs[feature];

    /// <summary>Which of <see cref="TableKernels"/> stands for a feature.</summary>
    public int TableOf(int feature) => _tables[feature];

    private static (int[] Of, int[] First) Group<T>(FeatureKernel[] kernels, Func<Feature, T> by) where T : notnull
    {
        var (of, first) = (new int[kernels.Length], new List<int>());
        var known = new Dictionary<T, int>();
        for (var i = 0; i < kernels.Length; i++)
        {
            if (!known.TryGetValue(by(kernels[i].Feature), out of[i]))
            {
                known.Add(by(kernels[i].Feature), of[i] = first.Count);
                first.Add(i);
            }
        }
        return (of, [.. first]);
    }
}
