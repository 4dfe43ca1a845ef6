namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>One contract's events of one stream.</summary>
/// <param name="Source">The contract's place among the view's.</param>
/// <param name="Stream">The stream.</param>
internal readonly record struct StreamKey(int Source, string Stream);

/// <summary>An admitted event's id in its stream.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="EventId">The id.</param>
internal readonly record struct AdmittedId(StreamKey Stream, Guid EventId)
{
    /// <summary>By the id alone, since the same one is seldom in two streams and a stream's name is long.</summary>
    public override int GetHashCode() => EventId.GetHashCode();
}
