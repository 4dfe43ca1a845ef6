using Microsoft.Extensions.Logging;

namespace EventFeatures.Server.Telemetry;

/// <summary>Everything that the server writes to its log, with event ids that never change their meaning.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(1000, LogLevel.Information, "Started: API on {Api}, log at {Log}, home {Home}")]
    public static partial void HostStarted(this ILogger logger, string api, string log, string home);

    [LoggerMessage(1001, LogLevel.Information, "Stopped")]
    public static partial void HostStopped(this ILogger logger);

    [LoggerMessage(1002, LogLevel.Error, "{Part} did not stop cleanly")]
    public static partial void PartDidNotStop(this ILogger logger, string part, Exception exception);

    [LoggerMessage(1003, LogLevel.Information, "View {View} has caught up and serves by its name, as {By} asked when it was applied")]
    public static partial void SwitchedOnceCaughtUp(this ILogger logger, string view, string by);

    [LoggerMessage(1004, LogLevel.Warning, "View {View} has caught up, but could not be switched to yet: {Reason}")]
    public static partial void SwitchFailed(this ILogger logger, string view, string reason);

    [LoggerMessage(1100, LogLevel.Error, "{Method} failed unexpectedly; correlation {CorrelationId}")]
    public static partial void CallFailed(this ILogger logger, string method, string correlationId, Exception exception);

    [LoggerMessage(1101, LogLevel.Information, "{Method} was answered {Status} {Code}: {Reason}")]
    public static partial void CallRefused(this ILogger logger, string method, string status, string code, string reason);

    [LoggerMessage(1102, LogLevel.Warning, "{Method} could not be served: {Reason}")]
    public static partial void DependencyDown(this ILogger logger, string method, string reason);

    [LoggerMessage(1103, LogLevel.Warning, "Too much to do: since this was last said, refused {Calls}")]
    public static partial void Overloaded(this ILogger logger, string calls);

    [LoggerMessage(1300, LogLevel.Error, "What is {Path} of {Feature} is not what the batch views give, {Count} times since this was last said: {Example}")]
    public static partial void ConsistencyMismatch(this ILogger logger, string path, string feature, long count, string example);

    [LoggerMessage(1301, LogLevel.Warning, "Comparing in the background could not go on; it tries again")]
    public static partial void ConsistencyFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1200, LogLevel.Warning, "{Count} log entries were not written, since the disk did not keep up")]
    public static partial void LogEntriesLost(this ILogger logger, long count);
}
