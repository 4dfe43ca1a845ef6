using EventFeatures.Log.EmbeddedNode.Reading;
using EventFeatures.Log.EmbeddedNode.Storage;

namespace EventFeatures.Log.EmbeddedNode.Links;

/// <summary>Finds the events that links lead to, as far as they can still be read.</summary>
internal sealed class LinkResolver(EventPages pages, StreamExtents extents)
{
    /// <summary>The most events that may be asked for at once, since each may lead to one of 1 MiB.</summary>
    public const int EventsMax = 64;

    private static readonly Dictionary<StoredEvent, StoredEvent?> None = [];

    /// <summary>Of each link among the events, where it leads; <see langword="null"/> when it leads nowhere any more.</summary>
    public async Task<IReadOnlyDictionary<StoredEvent, StoredEvent?>> ResolveAsync(ReadOnlyMemory<StoredEvent> events, CancellationToken cancellation)
    {
        if (Links(events.Span) is not { } found) return None;
        var appended = found.Where(link => link.Target is null).Select(link => (Link: link, Target: LinkEvents.TargetOf(link))).Where(link => link.Target is not null).ToList();
        var targets = appended.Count == 0 ? [] : await TargetsAsync([.. appended.Select(link => link.Target!.Value)], cancellation);
        var led = found.ToDictionary(link => link, link => link.Target);
        foreach (var (link, target) in appended) led[link] = targets.GetValueOrDefault(target!.Value);
        var streams = led.Values.OfType<StoredEvent>().Select(target => target.Stream).Distinct(StringComparer.Ordinal).ToArray();
        var readable = await extents.OfAllAsync(streams, cancellation);
        foreach (var link in found)
            if (led[link] is { } target && !readable[target.Stream].Shows(target)) led[link] = null;
        return led;
    }

    private static List<StoredEvent>? Links(ReadOnlySpan<StoredEvent> events)
    {
        List<StoredEvent>? found = null;
        foreach (var stored in events)
            if (LinkEvents.IsLink(stored)) (found ??= []).Add(stored);
        return found;
    }

    private async Task<Dictionary<(string, long), StoredEvent>> TargetsAsync((string Stream, long Revision)[] places, CancellationToken cancellation)
    {
        var wanted = places.Distinct().ToArray();
        var events = await pages.AtAsync([.. wanted.Select(place => place.Stream)], [.. wanted.Select(place => place.Revision)], cancellation);
        return events.ToDictionary(stored => (stored.Stream, stored.Revision));
    }
}
