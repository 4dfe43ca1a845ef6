namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>How a group delivers, retries, parks and checkpoints.</summary>
internal sealed record GroupSettings
{
    public bool ResolveLinks { get; init; }

    /// <summary>Whether each consumer's latencies are measured for the group's information.</summary>
    public bool ExtraStatistics { get; init; }

    /// <summary>How long a consumer may keep an event before it is delivered again; null for ever.</summary>
    public TimeSpan? MessageTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often an event is delivered again before it is parked; 0 parks it on its first failure.</summary>
    public int RetryCountMax { get; init; } = 10;

    /// <summary>The age at which progress of at least <see cref="CheckpointCountMin"/> events is stored.</summary>
    public TimeSpan CheckpointAfter { get; init; } = TimeSpan.FromSeconds(2);

    public int CheckpointCountMin { get; init; } = 10;

    /// <summary>So many handled events are stored at once, whatever the checkpoint's age.</summary>
    public int CheckpointCountMax { get; init; } = 1000;

    /// <summary>How many consumers may be connected at a time; 0 for any number.</summary>
    public int ConsumersMax { get; init; }

    /// <summary>How many events may wait for a consumer while the group follows the log's end.</summary>
    public int LiveBufferSize { get; init; } = 500;

    /// <summary>How many events are read from storage at a time.</summary>
    public int ReadBatchSize { get; init; } = 20;

    /// <summary>How many events may wait for a consumer while the group is behind.</summary>
    public int HistoryBufferSize { get; init; } = 500;

    /// <summary>One of <see cref="Dispatching.DispatchStrategy.Names"/>.</summary>
    public string Strategy { get; init; } = "RoundRobin";

    /// <summary>The most events that wait for a consumer.</summary>
    public int BufferMax => Math.Max(1, Math.Max(LiveBufferSize, HistoryBufferSize));

    /// <summary>What is impossible about them, all together; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        if (MessageTimeout < TimeSpan.Zero) yield return $"message_timeout is {MessageTimeout}; it must not be negative (0 means never)";
        if (CheckpointAfter < TimeSpan.Zero) yield return $"checkpoint_after is {CheckpointAfter}; it must not be negative";
        foreach (var (name, value) in new[]
        {
            ("max_retry_count", RetryCountMax), ("min_checkpoint_count", CheckpointCountMin), ("max_checkpoint_count", CheckpointCountMax),
            ("max_subscriber_count", ConsumersMax), ("live_buffer_size", LiveBufferSize), ("read_batch_size", ReadBatchSize),
            ("history_buffer_size", HistoryBufferSize),
        })
            if (value < 0) yield return FormattableString.Invariant($"{name} is {value}; it must not be negative");
        if (BufferMax > BufferLimit) yield return FormattableString.Invariant($"a buffer size is {BufferMax}; at most {BufferLimit} events may wait");
        if (!Dispatching.DispatchStrategy.Names.Contains(Strategy))
            yield return $"'{Strategy}' is no consumer strategy; choose one of {string.Join(", ", Dispatching.DispatchStrategy.Names)}";
    }

    private const int BufferLimit = 100_000;
}
