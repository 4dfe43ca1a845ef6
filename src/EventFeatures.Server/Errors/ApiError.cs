using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
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

    /// <summary>What the caller can do about it; empty when the message says all.</summary>
    public string NextStep { get; init; } = "";

    /// <summary>The fields at fault and why, for input that does not validate.</summary>
    public IReadOnlyList<(string Field, string Message)> Violations { get; init; } = [];

    /// <summary>HTTP's status for it, where it is not the one that gRPC's status maps to.</summary>
    public int? HttpStatus { get; init; }

    public RpcException ToRpcException()
    {
        var status = ToStatus();
        // The code and the next step once more as plain text, for clients without google.rpc's messages.
        var trailers = new Metadata { { DetailsTrailer, status.ToByteArray() }, { "error-code", Code } };
        if (NextStep.Length > 0 && Ascii.IsValid(NextStep)) trailers.Add("next-step", NextStep);
        return new RpcException(new Grpc.Core.Status(Status, Message), trailers, Message);
    }

    /// <summary>The error as google.rpc states it.</summary>
    public RpcStatus ToStatus()
    {
        var info = new ErrorInfo { Domain = Domain, Reason = Code };
        if (NextStep.Length > 0) info.Metadata.Add(NextStepKey, NextStep);
        var status = new RpcStatus { Code = (int)Status, Message = Message, Details = { Any.Pack(info) } };
        if (Violations.Count > 0)
        {
            var bad = new BadRequest();
            foreach (var (field, message) in Violations)
                bad.FieldViolations.Add(new BadRequest.Types.FieldViolation { Field = field, Description = message });
            status.Details.Add(Any.Pack(bad));
        }
        return status;
    }

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
                error = error with { Code = info.Reason, NextStep = info.Metadata.GetValueOrDefault(NextStepKey, "") };
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
