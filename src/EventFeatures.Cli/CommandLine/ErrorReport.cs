using System.Text.Json;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Application.Pipeline;
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

namespace EventFeatures.Cli.CommandLine;

/// <summary>Says to a person, on standard error, what went wrong and what to do next; never a stack trace.</summary>
internal static class ErrorReport
{
    public static int Print(Exception error, Invocation invocation)
    {
        var (exitCode, code, message) = Describe(error);
        if (invocation.Json)
            invocation.Error.WriteLine(JsonSerializer.Serialize(new { error = new { code, message } }));
        else if (exitCode != ExitCode.Interrupted)
            invocation.Error.WriteLine(message);
        return exitCode;
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
        LogUnavailableException => (ExitCode.DependencyDown, "log-unavailable", error.Message),
        ViewUnavailableException => (ExitCode.DependencyDown, "view-unavailable", error.Message),
        RpcException rpc => OfCall(rpc),
        OperationCanceledException => (ExitCode.Interrupted, "interrupted", "Interrupted."),
        FileNotFoundException or DirectoryNotFoundException => (ExitCode.Malformed, "file-missing", error.Message),
        UnauthorizedAccessException or IOException => (ExitCode.DependencyDown, "file-unusable", error.Message),
        AggregateException { InnerExceptions: [var only] } => Describe(only),
        _ => (ExitCode.Defect, "defect",
            $"A defect of EventFeatures: {error.GetType().Name}: {error.Message} Please report it with the command that you typed."),
    };

    private static (int ExitCode, string Code, string Message) OfCall(RpcException error)
    {
        var code = error.Trailers.GetValue("error-code") ?? error.StatusCode.ToString();
        var nextStep = error.Trailers.GetValue("next-step");
        var message = string.IsNullOrEmpty(nextStep) || error.Status.Detail.Contains(nextStep, StringComparison.Ordinal)
            ? error.Status.Detail
            : $"{error.Status.Detail} {nextStep}";
        var exitCode = ExitCodeOf(error.StatusCode);
        return exitCode switch
        {
            ExitCode.Interrupted => (exitCode, code, "Interrupted."),
            ExitCode.DependencyDown => (exitCode, code, $"The server does not answer ({error.StatusCode}): {message}"),
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
}
