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
}
