using EventFeatures.Core.Events;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Options = EventFeatures.Log.Protocol.Streaming.ReadReq.Types.Options;

namespace EventFeatures.Log.Client;

/// <summary>The messages that ask for reads and subscriptions.</summary>
internal static class ReadRequests
{
    // A filtered read looks at this many events at a time, and a subscription tells a checkpoint for each.
    private const uint FilterWindow = 500;

    public static ReadReq Stream(string stream, ReadDirection direction, long? fromRevision, long countMax, bool resolveLinks = false)
    {
        var options = OfStream(stream, direction, fromRevision, resolveLinks);
        options.Count = (ulong)countMax;
        return new ReadReq { Options = options };
    }

    /// <summary>After a revision of a stream, or from its start.</summary>
    public static ReadReq SubscribeToStream(string stream, long? afterRevision, bool resolveLinks)
    {
        var options = OfStream(stream, ReadDirection.Forwards, afterRevision, resolveLinks);
        options.Subscription = new Options.Types.SubscriptionOptions();
        return new ReadReq { Options = options };
    }

    private static Options OfStream(string stream, ReadDirection direction, long? fromRevision, bool resolveLinks)
    {
        var options = Common(direction);
        options.ResolveLinks = resolveLinks;
        options.NoFilter = new Empty();
        options.Stream = new Options.Types.StreamOptions { StreamIdentifier = StreamNames.ToIdentifier(stream) };
        if (fromRevision is { } revision) options.Stream.Revision = (ulong)revision;
        else if (direction == ReadDirection.Forwards) options.Stream.Start = new Empty();
        else options.Stream.End = new Empty();
        return options;
    }

    public static ReadReq All(ReadDirection direction, Position from, EventFilter? filter, long countMax)
    {
        var options = Common(direction);
        options.Count = (ulong)countMax;
        options.All = new Options.Types.AllOptions();
        if (from == Position.Start) options.All.Start = new Empty();
        else if (from == Position.End) options.All.End = new Empty();
        else options.All.Position = At(from.Value, from.Value);
        return Filtered(options, filter);
    }

    /// <summary>After a position, or from the start; the two parts of a position differ in checkpoints only.</summary>
    public static ReadReq Subscribe((ulong Commit, ulong Prepare)? after, EventFilter? filter)
    {
        var options = Common(ReadDirection.Forwards);
        options.Subscription = new Options.Types.SubscriptionOptions();
        options.All = new Options.Types.AllOptions();
        if (after is { } position) options.All.Position = At(position.Commit, position.Prepare);
        else options.All.Start = new Empty();
        return Filtered(options, filter);
    }

    private static Options Common(ReadDirection direction) => new()
    {
        ReadDirection = direction == ReadDirection.Forwards ? Options.Types.ReadDirection.Forwards : Options.Types.ReadDirection.Backwards,
        UuidOption = new Options.Types.UUIDOption { Structured = new Empty() },
        ControlOption = new Options.Types.ControlOption { Compatibility = 1 },
    };

    private static Options.Types.Position At(ulong commit, ulong prepare) => new() { CommitPosition = commit, PreparePosition = prepare };

    private static ReadReq Filtered(Options options, EventFilter? filter)
    {
        if (filter is null)
        {
            options.NoFilter = new Empty();
            return new ReadReq { Options = options };
        }
        var expression = new Options.Types.FilterOptions.Types.Expression();
        options.Filter = new Options.Types.FilterOptions { Max = FilterWindow, CheckpointIntervalMultiplier = 1 };
        if (filter.TypePrefixes.Count > 0)
        {
            expression.Prefix.AddRange(filter.TypePrefixes);
            options.Filter.EventType = expression;
        }
        else
        {
            if (filter.StreamPrefixes.Count == 0) throw new ArgumentException("The filter has no prefixes, so nothing would pass it. Give at least one.", nameof(filter));
            expression.Prefix.AddRange(filter.StreamPrefixes);
            options.Filter.StreamIdentifier = expression;
        }
        return new ReadReq { Options = options };
    }
}
