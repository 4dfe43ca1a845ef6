using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using RpcStatus = Google.Rpc.Status;

namespace EventFeatures.Server.Errors;

/// <summary>
/// An error as the API states it: a gRPC status, a stable code, what happened, and what to do next. Travels as
/// google.rpc details, which both gRPC clients and the JSON answer carry.
/// </summary>
public sealed record ApiError(StatusCode Status, string Code, string Message)
{
    private const string Domain = "eventfeatures";
    private const string DetailsTrailer = "grpc-status-details-bin";
    private const string NextStepKey = "nextStep";
    private const string PositionKey = "position";

    // An error travels in headers, of which clients take some tens of thousands of bytes and no more.
    private const int TextLengthMax = 8_000;

    /// <summary>What the caller can do about it; empty when the message says all.</summary>
    public string NextStep { get; init; } = "";

    /// <summary>When the same call may succeed, for refusals that pass by themselves.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The consistency token of what was done in spite of the error; null where nothing was.</summary>
    public ulong? Position { get; init; }

    /// <summary>The fields at fault and why, for input that does not validate.</summary>
    public IReadOnlyList<(string Field, string Message)> Violations { get; init; } = [];

    /// <summary>
    /// HTTP's status for it, where it is not the one that gRPC's status maps to. That of a request which is in order, and which
    /// the state of things forbids, is 422: 400 would say that the request is wrong.
    /// </summary>
    public int? HttpStatus { get; init; } = Status == StatusCode.FailedPrecondition ? StatusCodes.Status422UnprocessableEntity : null;

    public RpcException ToRpcException()
    {
        var status = ToStatus();
        // The code and the next step once more as plain text, for clients without google.rpc's messages.
        var trailers = new Metadata { { DetailsTrailer, status.ToByteArray() }, { "error-code", Code } };
        if (NextStep.Length > 0 && Ascii.IsValid(NextStep)) trailers.Add("next-step", NextStep);
        // Clients of gRPC with a retry policy wait for so long by themselves.
        if (RetryAfter is { } delay) trailers.Add("grpc-retry-pushback-ms", Math.Ceiling(delay.TotalMilliseconds).ToString("0", CultureInfo.InvariantCulture));
        return new RpcException(new Grpc.Core.Status(Status, status.Message), trailers, status.Message);
    }

    /// <summary>The error as google.rpc states it.</summary>
    public RpcStatus ToStatus()
    {
        var info = new ErrorInfo { Domain = Domain, Reason = Code };
        if (NextStep.Length > 0) info.Metadata.Add(NextStepKey, NextStep);
        if (Position is { } position) info.Metadata.Add(PositionKey, position.ToString(CultureInfo.InvariantCulture));
        var status = new RpcStatus { Code = (int)Status, Message = Shortened(Message), Details = { Any.Pack(info) } };
        if (RetryAfter is { } delay) status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(delay) }));
        if (Violations.Count > 0) status.Details.Add(Any.Pack(Listed()));
        return status;
    }

    private BadRequest Listed()
    {
        var bad = new BadRequest();
        var length = 0;
        foreach (var (field, message) in Violations)
        {
            if ((length += field.Length + message.Length) > TextLengthMax) break;
            bad.FieldViolations.Add(new BadRequest.Types.FieldViolation { Field = field, Description = message });
        }
        return bad;
    }

    private static string Shortened(string message) => message.Length <= TextLengthMax
        ? message
        : message[..(char.IsHighSurrogate(message[TextLengthMax - 1]) ? TextLengthMax - 1 : TextLengthMax)] + "…";

    /// <summary>Whether an exception was made from an error of this kind.</summary>
    internal static bool IsOurs(RpcException exception) => exception.Trailers.GetValueBytes(DetailsTrailer) is not null;

    /// <summary>Reads what a server answered; for clients.</summary>
    public static ApiError From(RpcException exception)
    {
        var error = new ApiError(exception.StatusCode, CodeOf(exception.StatusCode), exception.Status.Detail);
        if (exception.Trailers.GetValueBytes(DetailsTrailer) is not { } bytes) return error;
        foreach (var detail in RpcStatus.Parser.ParseFrom(bytes).Details)
        {
            if (detail.TryUnpack<ErrorInfo>(out var info))
                error = error with
                {
                    Code = info.Reason,
                    NextStep = info.Metadata.GetValueOrDefault(NextStepKey, ""),
                    Position = ulong.TryParse(info.Metadata.GetValueOrDefault(PositionKey), CultureInfo.InvariantCulture, out var position) ? position : null,
                };
            else if (detail.TryUnpack<RetryInfo>(out var retry))
                error = error with { RetryAfter = retry.RetryDelay?.ToTimeSpan() };
            else if (detail.TryUnpack<BadRequest>(out var bad))
                error = error with { Violations = [.. bad.FieldViolations.Select(violation => (violation.Field, violation.Description))] };
        }
        return error;
    }

    private static string CodeOf(StatusCode status) => status switch
    {
        StatusCode.InvalidArgument => "invalid-argument",
        StatusCode.NotFound => "not-found",
        StatusCode.Unavailable => "unavailable",
        StatusCode.DeadlineExceeded => "deadline-exceeded",
        StatusCode.Cancelled => "cancelled",
        StatusCode.ResourceExhausted => "resource-exhausted",
        StatusCode.Unimplemented => "unimplemented",
        _ => "internal",
    };
}
