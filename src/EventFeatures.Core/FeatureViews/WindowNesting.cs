namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// Which features fold the same inputs over windows that end together and lie within one another. Folds do not depend on
/// the order of their inputs, so a wider window goes on where the narrower one stopped: a row is folded once for all.
/// </summary>
internal sealed class WindowNesting(FeatureKernel[] kernels)
{
    private readonly int[] _roots = RootsOf(kernels);

    /// <summary>The feature of the narrowest window, in whose fold this feature's begins; itself where it shares none.</summary>
    public int RootOf(int feature) => _roots[feature];

    /// <summary>By what windows are ordered so that a narrower one comes before those that it lies within.</summary>
    public static long WidthOf(Window window) => window is Window.Sliding sliding ? sliding.Length.Microseconds : 0;

    private static int[] RootsOf(FeatureKernel[] kernels)
    {
        var roots = Enumerable.Range(0, kernels.Length).ToArray();
        var same = Enumerable.Range(0, kernels.Length).Where(i => IsNested(kernels[i].Feature.Window) && !kernels[i].DependsOnWindow).GroupBy(i => ButForWidth(kernels[i].Feature));
        foreach (var features in same)
        {
            var narrowest = features.MinBy(i => WidthOf(kernels[i].Feature.Window));
            foreach (var i in features) roots[i] = narrowest;
        }
        return roots;
    }

    // Exact sliding windows of one offset and one rule of the edges, from which nothing is left out.
    private static bool IsNested(Window window) => window is Window.Sliding { Resolution: null, RowsMax: null, Exclude: WindowExclusion.None };

    private static Feature ButForWidth(Feature feature) => feature with { Name = "", Window = (Window.Sliding)feature.Window with { Length = default } };
}
