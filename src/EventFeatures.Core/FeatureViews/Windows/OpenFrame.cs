using EventFeatures.Core.FeatureViews.Windows.Pasts;

namespace EventFeatures.Core.FeatureViews.Windows;

/// <summary>All rows up to the end, or the last so many.</summary>
internal sealed class OpenFrame(Window window, int rowsMax = int.MaxValue) : WindowFrame(window, rowsMax)
{
    public override bool IsRange => true;

    protected override int FirstOf(Candidates candidates, InstantRange range, int floor) => BeforeAll;

    protected override WindowPast PastOf(FeatureKernel kernel) => new WholePast(kernel);
}
