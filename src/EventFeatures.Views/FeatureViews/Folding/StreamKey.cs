namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>One contract's events of one stream.</summary>
/// <param name="Source">The contract's place among the view's.</param>
/// <param name="Stream">The stream.</param>
internal readonly record struct StreamKey(int Source, string Stream);
