using System.Text;
using EventFeatures.Log.EmbeddedNode.Serving;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Persistent;
using Google.Protobuf;
using AllOptions = EventFeatures.Log.Protocol.Persistent.CreateReq.Types.AllOptions;
using Options = EventFeatures.Log.Protocol.Persistent.CreateReq.Types.Options;
using StreamOptions = EventFeatures.Log.Protocol.Persistent.CreateReq.Types.StreamOptions;
using WireSettings = EventFeatures.Log.Protocol.Persistent.CreateReq.Types.Settings;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>Reads what callers ask of groups, and refuses what makes no sense.</summary>
internal static class GroupRequests
{
    // What the names of a group's own streams add to its own.
    private const int NameBytesMax = LogSchema.StreamNameBytesMax - 64;
    private const long FromEnd = -1;

    /// <summary>A group as it is asked for; where its end lies is not decided yet.</summary>
    public static GroupDefinition Definition(CreateReq request)
    {
        var options = request.Options ?? throw Refusals.Invalid("The request has no options.");
        var wire = options.Settings ?? throw Refusals.Invalid("The group has no settings.");
        var settings = Settings(wire);
        if (settings.Faults().ToList() is { Count: > 0 } faults)
            throw Refusals.Invalid($"The group's settings are impossible: {string.Join("; ", faults)}.");
        var (source, from) = Place(options, wire);
        var key = Key(source, options.GroupName);
        var filter = options.StreamOptionCase == Options.StreamOptionOneofCase.All ? Filter(options.All) : null;
        // An invalid expression is refused now, not when the group runs.
        filter?.ToMatcher();
        return new GroupDefinition
        {
            Source = key.Source, Group = key.Group, Id = Guid.NewGuid(), Settings = settings, StartFrom = from, Filter = filter,
        };
    }

    /// <summary>An update has a creation's fields under the same numbers, without a filter.</summary>
    public static GroupDefinition Definition(UpdateReq request) => Definition(CreateReq.Parser.ParseFrom(request.ToByteArray()));

    /// <summary>The group that a source and a name stand for.</summary>
    public static GroupKey Key(StreamIdentifier? stream, bool isWholeLog, string group) =>
        Key(isWholeLog ? GroupKey.WholeLog : ProposedEvents.RequireStream(stream), group);

    private static GroupKey Key(string source, string group)
    {
        if (group.Length == 0) throw Refusals.Invalid("The request names no group.");
        if (group.Contains('\0', StringComparison.Ordinal)) throw Refusals.Invalid("The group's name contains a NUL character.");
        var key = new GroupKey(source, group);
        if (Encoding.UTF8.GetByteCount(key.SubscriptionId) > NameBytesMax)
            throw Refusals.Invalid(FormattableString.Invariant($"The stream's and the group's names have more than {NameBytesMax} bytes together."));
        return key;
    }

    private static (string Source, long From) Place(Options options, WireSettings settings)
    {
        switch (options.StreamOptionCase)
        {
            case Options.StreamOptionOneofCase.All:
                return (GroupKey.WholeLog, options.All.AllOptionCase switch
                {
                    AllOptions.AllOptionOneofCase.Start => 0,
                    AllOptions.AllOptionOneofCase.Position => Clamp(options.All.Position.CommitPosition),
                    AllOptions.AllOptionOneofCase.End => FromEnd,
                    _ => throw Refusals.Invalid("The group of $all names no position, start or end."),
                });
            case Options.StreamOptionOneofCase.Stream:
                return (Stream(options.Stream.StreamIdentifier), options.Stream.RevisionOptionCase switch
                {
                    StreamOptions.RevisionOptionOneofCase.Start => 0,
                    StreamOptions.RevisionOptionOneofCase.Revision => Clamp(options.Stream.Revision),
                    StreamOptions.RevisionOptionOneofCase.End => FromEnd,
                    _ => throw Refusals.Invalid("The group of a stream names no revision, start or end."),
                });
            default:
                // Official clients still say it in the way of earlier servers.
                return (Stream(options.StreamIdentifier), Clamp(settings.Revision));
        }
    }

    private static string Stream(StreamIdentifier? identifier)
    {
        var stream = ProposedEvents.RequireStream(identifier);
        return stream == GroupKey.WholeLog ? throw Refusals.Invalid("'$all' is the whole log; ask for it by 'all'.") : stream;
    }

    private static long Clamp(ulong place) => place == ulong.MaxValue ? FromEnd : (long)Math.Min(place, long.MaxValue - 1);

    private static GroupFilter? Filter(AllOptions options)
    {
        if (options.FilterOptionCase != AllOptions.FilterOptionOneofCase.Filter) return null;
        var (byType, expression) = options.Filter.FilterCase switch
        {
            AllOptions.Types.FilterOptions.FilterOneofCase.EventType => (true, options.Filter.EventType),
            AllOptions.Types.FilterOptions.FilterOneofCase.StreamIdentifier => (false, options.Filter.StreamIdentifier),
            _ => throw Refusals.Invalid("The filter names neither event_type nor stream_identifier. Set one, or no_filter."),
        };
        return new GroupFilter(byType, [.. expression.Prefix], expression.Regex.Length > 0 ? expression.Regex : null);
    }

    private static GroupSettings Settings(WireSettings wire)
    {
        var standard = new GroupSettings();
        var timeout = wire.MessageTimeoutCase switch
        {
            WireSettings.MessageTimeoutOneofCase.MessageTimeoutMs => TimeSpan.FromMilliseconds(wire.MessageTimeoutMs),
            WireSettings.MessageTimeoutOneofCase.MessageTimeoutTicks => TimeSpan.FromTicks(wire.MessageTimeoutTicks),
            _ => standard.MessageTimeout,
        };
        return new GroupSettings
        {
            ResolveLinks = wire.ResolveLinks,
            ExtraStatistics = wire.ExtraStatistics,
            // Zero, and more than a timer can count, mean never.
            MessageTimeout = timeout == TimeSpan.Zero || timeout > TimeSpan.FromDays(40) ? null : timeout,
            RetryCountMax = wire.MaxRetryCount,
            CheckpointAfter = wire.CheckpointAfterCase switch
            {
                WireSettings.CheckpointAfterOneofCase.CheckpointAfterMs => TimeSpan.FromMilliseconds(wire.CheckpointAfterMs),
                WireSettings.CheckpointAfterOneofCase.CheckpointAfterTicks => TimeSpan.FromTicks(Math.Min(wire.CheckpointAfterTicks, TimeSpan.FromDays(40).Ticks)),
                _ => standard.CheckpointAfter,
            },
            CheckpointCountMin = wire.MinCheckpointCount,
            CheckpointCountMax = wire.MaxCheckpointCount,
            ConsumersMax = wire.MaxSubscriberCount,
            LiveBufferSize = wire.LiveBufferSize,
            ReadBatchSize = wire.ReadBatchSize,
            HistoryBufferSize = wire.HistoryBufferSize,
            Strategy = wire.ConsumerStrategy.Length > 0 ? wire.ConsumerStrategy : wire.NamedConsumerStrategy.ToString(),
        };
    }
}
