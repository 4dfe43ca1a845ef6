using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Application.Pipeline;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Output;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;
using EventFeatures.Log.EmbeddedNode.Backup;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Server;
using EventFeatures.Server.PostgresCluster;
using Grpc.Core;
using Npgsql;

namespace EventFeatures.Cli.CommandLine;

/// <summary>Says to a person, on standard error, what went wrong and what to do next; never a stack trace.</summary>
internal static partial class ErrorReport
{
    // A quotation mark in a message is for people to read.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static int Print(Exception error, Invocation invocation)
    {
        if (error is OutputClosedException) return ExitCode.OutputClosed;
        var (exitCode, code, message) = error is RpcException call && IsFromNobodyOfOurs(call)
            ? OfNobody(call, invocation)
            : Describe(error);
        if (invocation.Json || exitCode != ExitCode.Interrupted) Write(invocation.Error, invocation.Json, code, message);
        return exitCode;
    }

    /// <summary>Writes one error as the caller wants it.</summary>
    public static void Write(TextWriter errors, bool asJson, string code, string message)
    {
        try
        {
            errors.WriteLine(asJson ? JsonSerializer.Serialize(new { error = new { code, message } }, Readable) : message);
        }
        catch (IOException)
        {
            // Standard error is full or gone: the exit code alone tells.
        }
    }

    private static (int ExitCode, string Code, string Message) Describe(Exception error) => error switch
    {
        UsageException => (ExitCode.Malformed, "usage", error.Message),
        DefinitionInvalidException => (ExitCode.Malformed, "definitions-invalid", error.Message),
        RefusedException refused => (ExitCode.Refused, refused.Code, $"{refused.Detail} {refused.NextStep}".TrimEnd()),
        WrongExpectedVersionException => (ExitCode.Refused, "wrong-expected-revision", error.Message),
        ModelInvalidException => (ExitCode.Refused, "model-invalid", error.Message),
        ConfigurationInvalidException => (ExitCode.Malformed, "configuration-invalid", error.Message),
        CommandInvalidException => (ExitCode.Malformed, "command-invalid", error.Message),
        EvaluationInputException => (ExitCode.Malformed, "input-invalid", error.Message),
        BackupException => (ExitCode.Refused, "backup-refused", error.Message),
        NodeAlreadyRunningException => (ExitCode.Refused, "node-already-running", error.Message),
        HostStartException => (ExitCode.DependencyDown, "start-failed", error.Message),
        PrivateClusterException => (ExitCode.DependencyDown, "database-unavailable", error.Message),
        LogAccessDeniedException => (ExitCode.DependencyDown, "log-access-denied", error.Message),
        LogUnavailableException => (ExitCode.DependencyDown, "log-unavailable", error.Message),
        ViewUnavailableException => (ExitCode.DependencyDown, "view-unavailable", error.Message),
        RpcException rpc => OfCall(rpc),
        OperationCanceledException => (ExitCode.Interrupted, "interrupted", "Interrupted."),
        FileNotFoundException or DirectoryNotFoundException => (ExitCode.Malformed, "file-missing", error.Message),
        UnauthorizedAccessException or IOException => (ExitCode.DependencyDown, "file-unusable", error.Message),
        AggregateException { InnerExceptions: [var only] } => Describe(only),
        NpgsqlException database => OfDatabase(database),
        // As the libraries between us and the database hand its failures on.
        { InnerException: NpgsqlException database } => OfDatabase(database),
        _ => (ExitCode.Defect, "defect",
            $"A defect of EventFeatures: {error.GetType().Name}: {error.Message} Please report it with the command that you typed."),
    };

    private static (int ExitCode, string Code, string Message) OfDatabase(NpgsqlException error)
    {
        var cause = error is PostgresException { MessageText: var text } ? text
            : error.InnerException is { } inner ? $"{error.Message}: {inner.Message}"
            : error.Message;
        var next = (error as PostgresException)?.SqlState switch
        {
            PostgresErrorCodes.InsufficientPrivilege => "Grant that to the user that EVENTFEATURES_POSTGRES names, or name another one there.",
            PostgresErrorCodes.DiskFull => "Free some space on the disk that holds the database, and type the command again.",
            // Of the connection, the login, what the server has room for, and a server that is ending or gone.
            null or ['0', '8', ..] or ['2', '8', ..] or ['3', 'D', ..] or ['5', '3' or '7' or '8', ..] =>
                "Check the server and the database that EVENTFEATURES_POSTGRES names; without it, the home folder's own may be starting or stopping, so try again in a moment.",
            _ => "See PostgreSQL's own log. Where that finds nothing wrong with the database, please report it with the command that you typed.",
        };
        return (ExitCode.DependencyDown, "database-unavailable", $"The database failed: {cause.TrimEnd('.')}. {next}");
    }

    /// <summary>Whether no EventFeatures server answered, but the network or a server of another kind.</summary>
    private static bool IsFromNobodyOfOurs(RpcException error) =>
        error.Trailers.GetValue("error-code") is null &&
        error.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Unimplemented or StatusCode.Unknown;

    private static (int ExitCode, string Code, string Message) OfNobody(RpcException error, Invocation invocation)
    {
        var where = invocation.Server is { } named ? $"at {named}" : $"for {invocation.Home}";
        var next = invocation.Server is null
            ? $"The server may hang or have ended just now; see {Path.Combine(invocation.Home, "logs")} and try again, after a restart where it still runs."
            : $"Start one with '{Invocation.CommandName} up', or again where yours hangs, and check what --server names.";
        return (ExitCode.DependencyDown, "server-unreachable", $"No EventFeatures server answers {where}: {CauseOf(error)} {next}");
    }

    /// <summary>What ended a call, as a sentence: what the network or the transport says where no server said anything.</summary>
    public static string CauseOf(RpcException error)
    {
        var cause = error.Status.DebugException?.GetBaseException().Message ?? error.Status.Detail;
        // The transport names its settings there, which say nothing to whoever typed the verb.
        if (error.Status.DebugException is not null && cause.Contains("respond to a ping", StringComparison.Ordinal))
            cause = FormattableString.Invariant($"it accepted the connection, and then no sign of life came from it for {(CallLimits.Default.PingAfter + CallLimits.Default.PingAnswer).TotalSeconds:0} s");
        return $"{cause.TrimEnd('.')}.";
    }

    private static (int ExitCode, string Code, string Message) OfCall(RpcException error)
    {
        var code = error.Trailers.GetValue("error-code") ?? error.StatusCode.ToString();
        var nextStep = error.Trailers.GetValue("next-step");
        var message = string.IsNullOrEmpty(nextStep) || error.Status.Detail.Contains(nextStep, StringComparison.Ordinal)
            ? error.Status.Detail
            : $"{error.Status.Detail} {nextStep}";
        // The command's own name for what the server was sent says nothing to whoever typed the verb.
        message = CommandName().Replace(message, "");
        var exitCode = ExitCodeOf(error.StatusCode);
        return exitCode switch
        {
            ExitCode.Interrupted => (exitCode, code, "Interrupted."),
            ExitCode.Defect => (exitCode, code, $"The server failed ({error.StatusCode}): {message}"),
            _ => (exitCode, code, message),
        };
    }

    /// <summary>What a call's status means for the command.</summary>
    public static int ExitCodeOf(StatusCode status) => status switch
    {
        StatusCode.OK => ExitCode.Done,
        StatusCode.InvalidArgument or StatusCode.OutOfRange => ExitCode.Malformed,
        StatusCode.NotFound or StatusCode.AlreadyExists or StatusCode.FailedPrecondition or StatusCode.Aborted
            or StatusCode.PermissionDenied or StatusCode.Unauthenticated => ExitCode.Refused,
        StatusCode.Cancelled => ExitCode.Interrupted,
        StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.ResourceExhausted => ExitCode.DependencyDown,
        _ => ExitCode.Defect,
    };

    [GeneratedRegex("^[A-Z][A-Za-z]+ is invalid: ")]
    private static partial Regex CommandName();
}
