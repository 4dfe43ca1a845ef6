using Microsoft.Extensions.Logging;

namespace EventFeatures.Views.Telemetry;

/// <summary>The log messages of this project, with their stable event ids.</summary>
internal static partial class ViewsLog
{
    [LoggerMessage(3001, LogLevel.Warning, "View {View} failed to {Step} {Where}, failure {Failures} in a row")]
    public static partial void StepFailed(ILogger logger, string view, string step, string where, int failures, Exception exception);

    [LoggerMessage(3002, LogLevel.Information, "View {View} can {Step} again")]
    public static partial void StepHealed(ILogger logger, string view, string step);

    [LoggerMessage(3003, LogLevel.Information, "View {View} runs from checkpoint {Checkpoint}")]
    public static partial void Started(ILogger logger, string view, string checkpoint);

    [LoggerMessage(3004, LogLevel.Information, "View {View} caught up at {Position}")]
    public static partial void CaughtUp(ILogger logger, string view, string position);

    [LoggerMessage(3005, LogLevel.Warning, "View {View} refuses event {EventId} at {Position} of {Stream}: {Code}: {Detail}")]
    public static partial void Refused(ILogger logger, string view, Guid eventId, string position, string stream, string code, string detail);

    [LoggerMessage(3006, LogLevel.Error, "View {View} lost its footing and starts again from its checkpoint")]
    public static partial void Restarting(ILogger logger, string view, Exception exception);

    [LoggerMessage(3007, LogLevel.Information, "View {View} is rebuilt from the log's first event")]
    public static partial void Rebuilding(ILogger logger, string view);

    [LoggerMessage(3008, LogLevel.Warning, "View {View} stopped without its last commit: {Reason}. What was not committed is folded again at the next start")]
    public static partial void StoppedUncommitted(ILogger logger, string view, string reason);

    [LoggerMessage(3009, LogLevel.Error, "The registry of definitions cannot be followed; views declared from now on wait")]
    public static partial void RegistryFailed(ILogger logger, Exception exception);

    [LoggerMessage(3010, LogLevel.Warning, "The states of view {View} are of format {Found} and this software keeps format {Wanted}; the view is rebuilt from the log, and answers as far as it has come")]
    public static partial void StatesOutdated(ILogger logger, string view, int found, int wanted);

    [LoggerMessage(3011, LogLevel.Warning, "Worker {Worker} could not give its sign of life. What it owns it keeps in memory; another worker may take it over")]
    public static partial void BeatFailed(ILogger logger, string worker, Exception exception);

    [LoggerMessage(3012, LogLevel.Warning, "Worker {Worker} could not give up what it owns; the others take it in {Seconds} s")]
    public static partial void LeaveFailed(ILogger logger, string worker, double seconds, Exception exception);

    [LoggerMessage(3013, LogLevel.Error, "Another process runs as worker {Worker} on this database, so this one projects nothing and reads what is committed. Give each process a home of its own")]
    public static partial void NameTaken(ILogger logger, string worker);

    [LoggerMessage(3014, LogLevel.Information, "View {View}: this worker owns {Owned} of {Partitions} partitions, {Workers} workers live")]
    public static partial void Claimed(ILogger logger, string view, int owned, int partitions, int workers);

    [LoggerMessage(3015, LogLevel.Information, "View {View} starts again from what is committed: {Reason}")]
    public static partial void PartitionsLost(ILogger logger, string view, string reason);

    [LoggerMessage(3016, LogLevel.Information, "View {View} is retired; its rows and states are dropped")]
    public static partial void Dropped(ILogger logger, string view);

    [LoggerMessage(3018, LogLevel.Information, "View {View} is built from the rows of {Older}")]
    public static partial void Seeded(ILogger logger, string view, string older);

    [LoggerMessage(3019, LogLevel.Information, "View {View} is built from the log's first event, since {Reason}")]
    public static partial void NotSeeded(ILogger logger, string view, string reason);

    [LoggerMessage(3020, LogLevel.Error, "View {View} goes on without an entry in quarantine for event {EventId} at {Position} of {Stream}, where the log still holds it: {Reason}")]
    public static partial void NotQuarantined(ILogger logger, string view, Guid eventId, string position, string stream, string reason);

    [LoggerMessage(3017, LogLevel.Warning, "The rows of view {View}, which is retired, could not be dropped, attempt {Attempt}; it tries again in {Seconds} s")]
    public static partial void DropFailed(ILogger logger, string view, int attempt, double seconds, Exception exception);
}
