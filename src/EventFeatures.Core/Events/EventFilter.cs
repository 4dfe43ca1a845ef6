namespace EventFeatures.Core.Events;

/// <summary>
/// Which events of the whole log a reader wants. Exactly one of the two lists of prefixes is filled,
/// since the log's protocol filters by stream name or by event type, not by both.
/// </summary>
public sealed record EventFilter
{
    private EventFilter(IReadOnlyList<string> streamPrefixes, IReadOnlyList<string> typePrefixes)
    {
        StreamPrefixes = streamPrefixes;
        TypePrefixes = typePrefixes;
    }

    /// <summary>Prefixes of the wanted streams' names.</summary>
    public IReadOnlyList<string> StreamPrefixes { get; }

    /// <summary>Prefixes of the wanted events' types.</summary>
    public IReadOnlyList<string> TypePrefixes { get; }

    /// <summary>Events of streams whose name starts with one of these.</summary>
    public static EventFilter ByStreamPrefix(params IReadOnlyList<string> prefixes) => new(prefixes, []);

    /// <summary>Events whose type starts with one of these.</summary>
    public static EventFilter ByTypePrefix(params IReadOnlyList<string> prefixes) => new([], prefixes);
}
