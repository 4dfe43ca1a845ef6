using EventFeatures.Application.Events;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Models;
using EventFeatures.Server.Load;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace EventFeatures.Server.Errors;

/// <summary>What each exception that callers may see means to them. Everything else is a bug, and says only that.</summary>
internal static class ErrorMapping
{
    /// <summary>The error to answer with, or <see langword="null"/> for a bug.</summary>
    public static ApiError? Map(Exception exception) => exception switch
    {
        InvalidRequestException invalid => new ApiError(StatusCode.InvalidArgument, "invalid-argument", invalid.Message)
        {
            Violations = [(invalid.Field, invalid.Message)],
        },
        CommandInvalidException invalid => new ApiError(StatusCode.InvalidArgument, "invalid-argument", invalid.Message)
        {
            Violations = [.. invalid.Failures.Select(failure => (failure.Field, failure.Message))],
        },
        DefinitionInvalidException definitions => new ApiError(StatusCode.InvalidArgument, "definition-invalid", definitions.Message)
        {
            Violations = [.. definitions.Issues.Select(issue => (Where(issue), $"{issue.Message} [{issue.Code}]"))],
        },
        RefusedException refused when refused.Code.EndsWith("-unknown", StringComparison.Ordinal) =>
            new ApiError(StatusCode.NotFound, refused.Code, refused.Message) { NextStep = refused.NextStep },
        RefusedException { Code: "subscriptions-full" or "subscriber-too-slow" } full => new ApiError(StatusCode.ResourceExhausted, full.Code, full.Message)
        {
            NextStep = full.NextStep,
        },
        RefusedException refused => new ApiError(StatusCode.FailedPrecondition, refused.Code, refused.Message)
        {
            NextStep = refused.NextStep,
        },
        ModelInvalidException model => new ApiError(StatusCode.FailedPrecondition, "model-invalid", model.Message),
        QuotaExceededException quota => new ApiError(StatusCode.ResourceExhausted, "quota-exceeded", quota.Message)
        {
            RetryAfter = quota.RetryAfter,
            NextStep = "Send less a second, or have the operator allow this producer more (up --producer-quotas).",
        },
        OverloadedException overloaded => new ApiError(StatusCode.ResourceExhausted, "overloaded", overloaded.Message)
        {
            RetryAfter = overloaded.RetryAfter,
            NextStep = "Come back when told, with fewer calls at once. Imports that state priority BULK give way to what is urgent.",
        },
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } large => new ApiError(StatusCode.InvalidArgument, "message-too-large", $"{large.Message} Send fewer events at a time.")
        {
            HttpStatus = StatusCodes.Status413PayloadTooLarge,
        },
        BadHttpRequestException broken => new ApiError(StatusCode.InvalidArgument, "invalid-argument", $"The request cannot be read: {broken.Message} Send it again, whole."),
        AppendTooLargeException large => new ApiError(StatusCode.InvalidArgument, "append-too-large", large.Message),
        WrongExpectedVersionException wrong => new ApiError(StatusCode.Aborted, "wrong-expected-revision", wrong.Message),
        StreamDeletedException deleted => new ApiError(StatusCode.FailedPrecondition, "stream-deleted", deleted.Message),
        LogUnavailableException log => new ApiError(StatusCode.Unavailable, "log-unavailable", log.Message),
        LogAccessDeniedException denied => new ApiError(StatusCode.Unavailable, "log-access-denied", denied.Message)
        {
            NextStep = "Have the operator name a user in the server's --log who may read and write every stream.",
        },
        ViewUnavailableException view => new ApiError(StatusCode.Unavailable, "view-unavailable", view.Message),
        RegistryStoppedException registry => new ApiError(StatusCode.Unavailable, "registry-stopped", registry.Message),
        TimeoutException timeout => new ApiError(StatusCode.DeadlineExceeded, "deadline-exceeded", timeout.Message),
        _ => null,
    };

    private static string Where(DefinitionIssue issue) =>
        issue.File.Length > 0 ? $"{issue.File}:{issue.Line}" + (issue.Path.Length > 0 ? $" {issue.Path}" : "") : issue.Path;
}
