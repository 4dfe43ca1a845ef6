using EventFeatures.Log.EmbeddedNode.Serving;
using EventFeatures.Log.Protocol.Streaming;
using Options = EventFeatures.Log.Protocol.Streaming.ReadReq.Types.Options;

namespace EventFeatures.Log.EmbeddedNode.Reading;

/// <summary>A read or subscription, checked: what the protocol requires is there, and combinations make sense.</summary>
internal sealed record ReadRequest
{
    /// <summary>The stream, or <see langword="null"/> for the whole log.</summary>
    public string? Stream { get; private init; }

    public bool Backwards { get; private init; }
    public bool IsSubscription { get; private init; }
    public long CountMax { get; private init; }
    public bool StructuredIds { get; private init; }

    /// <summary>Whether links come with the events that they lead to.</summary>
    public bool ResolveLinks { get; private init; }

    public bool WithStreamPositions { get; private init; }
    public EventMatcher? Matcher { get; private init; }

    /// <summary>A filtered subscription tells how far it has looked after this many events.</summary>
    public long CheckpointInterval { get; private init; }

    /// <summary>Where to start; what it means depends on the kind of read.</summary>
    public long From { get; private init; }

    /// <summary>Whether <see cref="From"/> is the log's or stream's end.</summary>
    public bool FromEnd { get; private init; }

    /// <summary>Whether <see cref="From"/> is the very start, rather than a revision or position that was named.</summary>
    public bool FromStart { get; private init; }

    /// <summary>Checks a request.</summary>
    public static ReadRequest Check(ReadReq request)
    {
        var options = request.Options ?? throw Refusals.Invalid("The read has no options.");
        var isSubscription = options.CountOptionCase switch
        {
            Options.CountOptionOneofCase.Subscription => true,
            Options.CountOptionOneofCase.Count => false,
            _ => throw Refusals.Invalid("The read has neither a count nor a subscription."),
        };
        if (!isSubscription && options.Count == 0) throw Refusals.Unknown("The read's count is 0; ask for at least one event.");
        if (options.ReadDirection is not (Options.Types.ReadDirection.Forwards or Options.Types.ReadDirection.Backwards))
            throw Refusals.Invalid($"'{options.ReadDirection}' is no direction of a read.");
        var backwards = options.ReadDirection == Options.Types.ReadDirection.Backwards;
        if (isSubscription && backwards) throw Refusals.Invalid("A subscription runs forwards only.");
        return new ReadRequest
        {
            IsSubscription = isSubscription,
            Backwards = backwards,
            CountMax = isSubscription ? long.MaxValue : Clamp(options.Count),
            StructuredIds = options.UuidOption?.ContentCase switch
            {
                Options.Types.UUIDOption.ContentOneofCase.Structured => true,
                Options.Types.UUIDOption.ContentOneofCase.String => false,
                _ => throw Refusals.Invalid("The read has no uuid_option; say string or structured."),
            },
            ResolveLinks = options.ResolveLinks,
            WithStreamPositions = options.ControlOption?.Compatibility >= 1,
        }.Filtered(options).Placed(options);
    }

    private ReadRequest Filtered(Options options)
    {
        switch (options.FilterOptionCase)
        {
            case Options.FilterOptionOneofCase.NoFilter:
                return this;
            case Options.FilterOptionOneofCase.Filter when options.StreamOptionCase == Options.StreamOptionOneofCase.All:
                var window = options.Filter.WindowCase == Options.Types.FilterOptions.WindowOneofCase.Max ? options.Filter.Max : 32;
                if (options.Filter.WindowCase == Options.Types.FilterOptions.WindowOneofCase.None)
                    throw Refusals.Invalid("The filter has no window; set max or count.");
                if (window == 0) throw Refusals.Invalid("The filter's window max is 0; it must be at least 1.");
                var multiplier = options.Filter.CheckpointIntervalMultiplier == 0 ? 2 : options.Filter.CheckpointIntervalMultiplier;
                return this with { Matcher = EventMatcher.From(options.Filter), CheckpointInterval = (long)window * multiplier };
            case Options.FilterOptionOneofCase.Filter:
                throw Refusals.Invalid("Only reads of $all can be filtered; leave the filter out for a stream.");
            default:
                throw Refusals.Invalid("The read has neither a filter nor no_filter.");
        }
    }

    private ReadRequest Placed(Options options)
    {
        switch (options.StreamOptionCase)
        {
            case Options.StreamOptionOneofCase.Stream:
                var stream = ProposedEvents.RequireStream(options.Stream.StreamIdentifier);
                return options.Stream.RevisionOptionCase switch
                {
                    Options.Types.StreamOptions.RevisionOptionOneofCase.Revision => this with { Stream = stream, From = Clamp(options.Stream.Revision) },
                    Options.Types.StreamOptions.RevisionOptionOneofCase.Start => this with { Stream = stream, FromStart = true },
                    Options.Types.StreamOptions.RevisionOptionOneofCase.End => this with { Stream = stream, FromEnd = true, From = long.MaxValue },
                    _ => throw Refusals.Invalid("The read of a stream names no revision, start or end."),
                };
            case Options.StreamOptionOneofCase.All:
                return options.All.AllOptionCase switch
                {
                    Options.Types.AllOptions.AllOptionOneofCase.Position when options.All.Position.CommitPosition == ulong.MaxValue =>
                        this with { FromEnd = true, From = long.MaxValue },
                    Options.Types.AllOptions.AllOptionOneofCase.Position => this with { From = Clamp(options.All.Position.CommitPosition) },
                    Options.Types.AllOptions.AllOptionOneofCase.Start => this with { FromStart = true },
                    Options.Types.AllOptions.AllOptionOneofCase.End => this with { FromEnd = true, From = long.MaxValue },
                    _ => throw Refusals.Invalid("The read of $all names no position, start or end."),
                };
            default:
                throw Refusals.Invalid("The read names neither a stream nor $all.");
        }
    }

    private static long Clamp(ulong value) => value > long.MaxValue ? long.MaxValue : (long)value;
}
