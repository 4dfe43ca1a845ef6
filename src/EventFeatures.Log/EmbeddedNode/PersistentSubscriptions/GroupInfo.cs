using EventFeatures.Log.Protocol.Persistent;
using ConnectionInfo = EventFeatures.Log.Protocol.Persistent.SubscriptionInfo.Types.ConnectionInfo;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>What operators see of a group.</summary>
internal static class GroupInfo
{
    /// <summary>Describes a group; <paramref name="lastKnown"/> is its source's last place, -1 when that has no event.</summary>
    public static SubscriptionInfo Describe(GroupDefinition definition, GroupLook look, long lastKnown)
    {
        var (settings, group, key) = (definition.Settings, look.Group, definition.Key);
        var info = new SubscriptionInfo
        {
            EventSource = key.Source,
            GroupName = key.Group,
            Status = look.IsBehind ? "Behind" : "Live",
            StartFrom = Places.Describe(key, definition.StartFrom),
            LastCheckpointedEventPosition = group.Source.Stored > definition.StartAfter ? Places.Describe(key, group.Source.Stored) : "",
            LastKnownEventPosition = lastKnown >= 0 ? Places.Describe(key, lastKnown) : "",
            ResolveLinkTos = settings.ResolveLinks,
            MessageTimeoutMilliseconds = (int)Math.Min(int.MaxValue, settings.MessageTimeout?.TotalMilliseconds ?? 0),
            ExtraStatistics = settings.ExtraStatistics,
            MaxRetryCount = settings.RetryCountMax,
            LiveBufferSize = settings.LiveBufferSize,
            BufferSize = settings.HistoryBufferSize,
            ReadBatchSize = settings.ReadBatchSize,
            CheckPointAfterMilliseconds = (int)Math.Min(int.MaxValue, settings.CheckpointAfter.TotalMilliseconds),
            MinCheckPointCount = settings.CheckpointCountMin,
            MaxCheckPointCount = settings.CheckpointCountMax,
            NamedConsumerStrategy = settings.Strategy,
            MaxSubscriberCount = settings.ConsumersMax,
            ReadBufferCount = look.IsBehind ? group.Waiting - group.FailedWaiting : 0,
            LiveBufferCount = look.IsBehind ? 0 : group.Waiting - group.FailedWaiting,
            RetryBufferCount = group.FailedWaiting,
            TotalInFlightMessages = group.InFlight,
            OutstandingMessagesCount = group.Outstanding,
            ParkedMessageCount = look.ParkedCount,
        };
        foreach (var consumer in group.Consumers) info.Connections.Add(Describe(consumer, settings, look.Time));
        info.TotalItems = group.DeliveredCount;
        info.CountSinceLastMeasurement = info.Connections.Sum(connection => connection.CountSinceLastMeasurement);
        info.AveragePerSecond = info.Connections.Sum(connection => connection.AverageItemsPerSecond);
        return info;
    }

    private static ConnectionInfo Describe(Consumer consumer, GroupSettings settings, TimeProvider time)
    {
        var (count, perSecond) = consumer.Statistics.Measure(time);
        var info = new ConnectionInfo
        {
            AverageItemsPerSecond = perSecond,
            TotalItems = consumer.Statistics.Total,
            CountSinceLastMeasurement = count,
            AvailableSlots = Math.Max(0, consumer.BufferSize - consumer.InFlight),
            InFlightMessages = consumer.InFlight,
        };
        if (consumer is ConsumerCall call) (info.From, info.ConnectionName) = (call.Peer, call.Name);
        if (!settings.ExtraStatistics) return info;
        foreach (var (name, value) in consumer.Statistics.Latencies())
            info.ObservedMeasurements.Add(new SubscriptionInfo.Types.Measurement { Key = name, Value = value });
        return info;
    }
}
