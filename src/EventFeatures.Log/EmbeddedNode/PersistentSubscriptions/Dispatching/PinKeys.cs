using System.Text.Json;
using EventFeatures.Log.EmbeddedNode.Links;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions.Dispatching;

/// <summary>What events are kept together by, and its hash.</summary>
internal static class PinKeys
{
    /// <summary>The stream that the fact was written to, also when it is reached by a link.</summary>
    public static string OfStream(Message message) =>
        message.Target?.Stream ?? (LinkEvents.IsLink(message.Source) ? LinkEvents.TargetOf(message.Source)?.Stream : null) ?? message.Source.Stream;

    /// <summary>The correlation that the event's metadata names, or its stream where there is none.</summary>
    public static string OfCorrelation(Message message)
    {
        var metadata = (message.Target ?? message.Source).Metadata;
        if (metadata.IsEmpty) return OfStream(message);
        try
        {
            using var json = JsonDocument.Parse(metadata);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("$correlationId", out var correlation)
                && correlation.ValueKind == JsonValueKind.String
                    ? correlation.GetString()!
                    : OfStream(message);
        }
        catch (JsonException)
        {
            // Metadata is the producer's own; what is no JSON names no correlation.
            return OfStream(message);
        }
    }

    /// <summary>FNV-1a over the key's characters; the same in every process.</summary>
    public static ulong Hash(string key)
    {
        var hash = 14695981039346656037UL;
        foreach (var character in key) hash = (hash ^ character) * 1099511628211UL;
        return hash;
    }

    /// <summary>Spreads every bit over all (the finaliser of SplitMix64).</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
