using Microsoft.Extensions.Logging;

namespace EventFeatures.Log;

/// <summary>All log messages of this project; event ids are stable.</summary>
internal static partial class LogEvents
{
    [LoggerMessage(2001, LogLevel.Information, "Embedded node listens on 127.0.0.1:{Port}; the log ends at position {Head}")]
    public static partial void NodeStarted(this ILogger logger, int port, long head);

    [LoggerMessage(2002, LogLevel.Warning, "The writer lost its PostgreSQL session and will decide its unfinished appends again: {Reason}")]
    public static partial void StorageLost(this ILogger logger, Exception failure, string reason);

    [LoggerMessage(2003, LogLevel.Warning, "PostgreSQL is still away: {Reason}")]
    public static partial void StorageStillAway(this ILogger logger, string reason);

    [LoggerMessage(2004, LogLevel.Information, "PostgreSQL is back; the log ends at position {Head}")]
    public static partial void StorageBack(this ILogger logger, long head);

    [LoggerMessage(2005, LogLevel.Debug, "Closing a lost PostgreSQL session failed: {Reason}")]
    public static partial void SessionCloseFailed(this ILogger logger, string reason);

    [LoggerMessage(2006, LogLevel.Warning, "PostgreSQL runs with fsync off: acknowledged events may be lost when the machine fails")]
    public static partial void FsyncOff(this ILogger logger);

    [LoggerMessage(2007, LogLevel.Information, "The log's table, which ends at position {Head}, becomes the first of its parts; PostgreSQL reads it once for its bounds and once for each index")]
    public static partial void DividingTheLog(this ILogger logger, long head);

    [LoggerMessage(2012, LogLevel.Information, "The log gets the indexes of this version; PostgreSQL reads its events once for each: {Positions} positions at most")]
    public static partial void IndexingTheLog(this ILogger logger, long positions);

    [LoggerMessage(2008, LogLevel.Information, "A part of the log is full: positions {First} to {Last}")]
    public static partial void PartitionFull(this ILogger logger, long first, long last);

    [LoggerMessage(2009, LogLevel.Warning, "Which streams a full part of the log has could not be noted; look-ups take longer until that is tried again: {Reason}")]
    public static partial void FilterFailed(this ILogger logger, string reason);

    [LoggerMessage(2010, LogLevel.Information, "A scavenge removed {Events} events; it rewrote {Parts} parts of the log and left {Left}")]
    public static partial void Scavenged(this ILogger logger, long events, int parts, int left);

    [LoggerMessage(2011, LogLevel.Warning, "PostgreSQL failed while the node stopped; whoever still waits is told to try again: {Reason}")]
    public static partial void StorageLostAtStop(this ILogger logger, string reason);

    [LoggerMessage(2101, LogLevel.Warning, "Subscription dropped after position {Position} (attempt {Attempt}): {Reason}")]
    public static partial void SubscriptionDropped(this ILogger logger, string position, int attempt, string reason);

    [LoggerMessage(2102, LogLevel.Debug, "The batch append stream ended: {Reason}")]
    public static partial void BatchStreamEnded(this ILogger logger, string reason);

    [LoggerMessage(2103, LogLevel.Debug, "Retrying {Operation} (attempt {Attempt}): {Reason}")]
    public static partial void Retrying(this ILogger logger, string operation, int attempt, string reason);

    [LoggerMessage(2201, LogLevel.Warning, "Persistent subscription '{Subscription}' failed and tries again: {Reason}")]
    public static partial void GroupFailed(this ILogger logger, Exception failure, string subscription, string reason);

    [LoggerMessage(2202, LogLevel.Warning, "Persistent subscription '{Subscription}' could not park an event, which is delivered again: {Reason}")]
    public static partial void ParkingFailed(this ILogger logger, string subscription, string reason);

    [LoggerMessage(2203, LogLevel.Warning, "Persistent subscription '{Subscription}' could not store its last checkpoint; some events will be delivered again: {Reason}")]
    public static partial void GroupCheckpointFailed(this ILogger logger, string subscription, string reason);
}
