using EventFeatures.Log.EmbeddedNode.Access;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventFeatures.Log.EmbeddedNode;

/// <summary>How an embedded node runs.</summary>
public sealed record EmbeddedNodeOptions
{
    internal const long DefaultPartitionEvents = 10_000_000;

    /// <summary>The PostgreSQL database that holds the log. One node at a time writes to a database.</summary>
    public required string Postgres { get; init; }

    /// <summary>TCP port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Who may call, from where. Default: anyone on this machine, without TLS.</summary>
    public NodeAccess Access { get; init; } = NodeAccess.ThisMachine;

    /// <summary>
    /// The most events that may wait for the writer, over all callers. Past it an append is refused with
    /// RESOURCE_EXHAUSTED. Range: 1 to 10,000,000. Default: 100,000.
    /// </summary>
    public int QueueEventsMax { get; init; } = 100_000;

    /// <summary>The most bytes that may wait for the writer, unless one append that waits alone has more. Range: 1 MiB and up. Default: 128 MiB.</summary>
    public long QueueBytesMax { get; init; } = 128L * 1024 * 1024;

    /// <summary>
    /// The longest that an append may wait for its commit before its caller is told that the outcome is unknown.
    /// A shorter deadline of the caller's own wins. Default: 10 s.
    /// </summary>
    public TimeSpan AppendDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a start waits for another node's session to leave the database: a killed node's session may
    /// linger for a moment. Default: 15 s.
    /// </summary>
    public TimeSpan TakeoverDeadline { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The most recent events kept in memory for live subscriptions, in bytes. Default: 64 MiB.</summary>
    public long TailBytesMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>
    /// How many positions a part of the log's table takes, of those that are made from now on. The indexes into which
    /// appends go are no larger than what a part needs. Range: 1,000 to 1,000,000,000. Default: 10,000,000.
    /// </summary>
    public long PartitionEvents { get; init; } = DefaultPartitionEvents;

    /// <summary>
    /// How long a connection may be silent until its client is asked whether it is still there. Range: 1 s and up. Default: 10 s.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long such a client may leave that unanswered until its calls are ended as of one that is gone. Range: 1 s and up. Default: 10 s.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock of <c>created</c> and of all deadlines.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>
    /// Why PostgreSQL does not run, where whoever runs it knows; callers whose append finds it away are told. Default: not known.
    /// </summary>
    public Func<string?> StorageFault { get; init; } = () => null;

    /// <summary>Where the node logs.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Refuses impossible settings, all of them together.</summary>
    internal void Validate()
    {
        List<string> wrong = [];
        if (string.IsNullOrWhiteSpace(Postgres)) wrong.Add("Postgres is empty; give a PostgreSQL connection string");
        if (Port is < 0 or > 65535) wrong.Add(FormattableString.Invariant($"Port is {Port}; it must be 0 to 65535"));
        wrong.AddRange(Access.Wrong());
        if (QueueEventsMax is < 1 or > 10_000_000) wrong.Add(FormattableString.Invariant($"QueueEventsMax is {QueueEventsMax}; it must be 1 to 10,000,000"));
        if (QueueBytesMax < 1024 * 1024) wrong.Add(FormattableString.Invariant($"QueueBytesMax is {QueueBytesMax}; it must be at least 1,048,576"));
        if (AppendDeadline <= TimeSpan.Zero) wrong.Add(FormattableString.Invariant($"AppendDeadline is {AppendDeadline}; it must be more than zero"));
        if (TakeoverDeadline < TimeSpan.Zero) wrong.Add(FormattableString.Invariant($"TakeoverDeadline is {TakeoverDeadline}; it must not be negative"));
        if (TailBytesMax < 1024 * 1024) wrong.Add(FormattableString.Invariant($"TailBytesMax is {TailBytesMax}; it must be at least 1,048,576"));
        if (PartitionEvents is < 1_000 or > 1_000_000_000) wrong.Add(FormattableString.Invariant($"PartitionEvents is {PartitionEvents}; it must be 1,000 to 1,000,000,000"));
        if (KeepAliveInterval < TimeSpan.FromSeconds(1)) wrong.Add(FormattableString.Invariant($"KeepAliveInterval is {KeepAliveInterval}; it must be at least a second"));
        if (KeepAliveTimeout < TimeSpan.FromSeconds(1)) wrong.Add(FormattableString.Invariant($"KeepAliveTimeout is {KeepAliveTimeout}; it must be at least a second"));
        if (wrong.Count > 0) throw new ArgumentException("The embedded node cannot start: " + string.Join("; ", wrong) + ".");
    }
}
