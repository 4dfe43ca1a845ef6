using System.Text.Json;
using System.Text.Json.Serialization;
using EventFeatures.Log.EmbeddedNode.Reading;
using EventFeatures.Log.Protocol.Streaming;
using Expression = EventFeatures.Log.Protocol.Streaming.ReadReq.Types.Options.Types.FilterOptions.Types.Expression;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>All that is durable of a group but its progress, as one event of the definitions' stream holds it.</summary>
internal sealed record GroupDefinition
{
    public required string Source { get; init; }
    public required string Group { get; init; }

    /// <summary>
    /// Names this group among all that ever had its name, so that the checkpoint of a deleted one is never taken
    /// for that of its successor.
    /// </summary>
    public required Guid Id { get; init; }

    public required GroupSettings Settings { get; init; }

    /// <summary>Where it was asked to start: the first revision or position that is wanted, or -1 for the end.</summary>
    public long StartFrom { get; init; }

    /// <summary>The last place that is not wanted; the end, at the time of the definition, where that was asked for.</summary>
    public long StartAfter { get; init; } = -1;

    /// <summary>The first revision of the parked stream that is this group's.</summary>
    public long ParkedFrom { get; init; }

    public GroupFilter? Filter { get; init; }

    [JsonIgnore]
    public GroupKey Key => new(Source, Group);

    public ReadOnlyMemory<byte> ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web);

    public static GroupDefinition FromJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<GroupDefinition>(json, JsonSerializerOptions.Web)
        ?? throw new JsonException("The definition of a persistent subscription is null.");
}

/// <summary>Which events of the whole log a group wants.</summary>
internal sealed record GroupFilter(bool ByType, IReadOnlyList<string> Prefixes, string? Regex)
{
    /// <summary>Checks the filter, and makes it ready to match.</summary>
    public EventMatcher ToMatcher()
    {
        var expression = new Expression { Regex = Regex ?? "" };
        expression.Prefix.AddRange(Prefixes);
        var options = new ReadReq.Types.Options.Types.FilterOptions();
        if (ByType) options.EventType = expression;
        else options.StreamIdentifier = expression;
        return EventMatcher.From(options);
    }
}
