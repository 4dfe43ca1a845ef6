namespace EventFeatures.Log.EmbeddedNode.Reading;

/// <summary>A filter that storage itself can apply, so that what does not pass is never sent here.</summary>
/// <param name="ByType">Whether it is of the events' types, rather than their streams' names.</param>
/// <param name="Prefixes">What one of them begins with.</param>
internal sealed record EventPrefixes(bool ByType, string[] Prefixes);
