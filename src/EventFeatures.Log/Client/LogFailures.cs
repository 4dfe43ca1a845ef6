using System.Globalization;
using EventFeatures.Core.Events;
using EventFeatures.Log.Protocol;
using Grpc.Core;

namespace EventFeatures.Log.Client;

/// <summary>The log's refusals as the exceptions that callers of the seam expect.</summary>
internal static class LogFailures
{
    /// <summary>An in-band error of a batch.</summary>
    public static Exception OfBatch(string stream, StreamState expected, Protocol.Status error)
    {
        if (error.Details is { } details)
        {
            if (details.TryUnpack<WrongExpectedVersion>(out var wrong))
                return new WrongExpectedVersionException(stream, expected, wrong.CurrentStreamRevisionOptionCase
                    == WrongExpectedVersion.CurrentStreamRevisionOptionOneofCase.CurrentStreamRevision ? (long)wrong.CurrentStreamRevision : null);
            if (details.Is(StreamDeleted.Descriptor)) return new StreamDeletedException(stream);
            if (details.TryUnpack<MaximumAppendSizeExceeded>(out var size)) return new AppendTooLargeException(stream, size.MaxAppendSize);
            if (details.Is(AccessDenied.Descriptor)) return Denied($"append to '{stream}'", error.Message);
            if (details.TryUnpack<BadRequest>(out var bad)) return new ArgumentException($"The log refused the append to '{stream}': {bad.Message}");
        }
        return error.Code switch
        {
            Code.InvalidArgument => new ArgumentException($"The log refused the append to '{stream}': {error.Message}"),
            Code.PermissionDenied or Code.Unauthenticated => Denied($"append to '{stream}'", error.Message),
            _ => new AppendTriedInVainException($"{error.Code}: {error.Message}") { RetryAfter = RetryTimes.Of(error.Details) },
        };
    }

    /// <summary>
    /// Why a stream ended that nobody cancelled: one whose connection could not be made ends as cancelled, and only
    /// the call itself knows the reason.
    /// </summary>
    public static Exception OfStream<T>(string operation, string? stream, AsyncServerStreamingCall<T> call, Exception dropped)
    {
        if (dropped is not OperationCanceledException) return OfStatus(operation, stream, dropped);
        try
        {
            return OfStatus(operation, stream, new RpcException(call.GetStatus()));
        }
        catch (InvalidOperationException)
        {
            return new IOException("The call ended before it was answered.", dropped);
        }
    }

    /// <summary>A status of any other call; the failure itself when it may pass or is not the log's.</summary>
    public static Exception OfStatus(string operation, string? stream, Exception failure)
    {
        if (failure is not RpcException rpc || Retries.MayPass(failure)) return failure;
        if (stream is not null && rpc.Trailers.GetValue(WireNames.ExceptionTrailer) is WireNames.StreamDeleted) return new StreamDeletedException(stream);
        return rpc.StatusCode switch
        {
            StatusCode.InvalidArgument => new ArgumentException($"The log refused to {operation}: {rpc.Status.Detail}", failure),
            StatusCode.PermissionDenied or StatusCode.Unauthenticated => Denied(operation, rpc.Status.Detail),
            _ => new LogUnavailableException($"The log could not {operation}: {rpc.StatusCode}: {rpc.Status.Detail}", failure),
        };
    }

    /// <summary>A deletion's conflict, which is a status with trailers.</summary>
    public static Exception OfDeletion(string operation, string stream, StreamState expected, RpcException failure) =>
        failure.Trailers.GetValue(WireNames.ExceptionTrailer) == WireNames.WrongExpectedVersion
            ? new WrongExpectedVersionException(stream, expected, ActualRevision(failure))
            : OfStatus(operation, stream, failure);

    private static long? ActualRevision(RpcException failure) =>
        long.TryParse(failure.Trailers.GetValue(WireNames.ActualVersionTrailer), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var actual) && actual >= 0
            ? actual
            : null;

    private static LogAccessDeniedException Denied(string operation, string detail) =>
        new($"The log does not allow this client to {operation}: {detail}. Check the user in the connection string.");
}
