using System.Globalization;
using EventFeatures.Log.Protocol;
using Grpc.Core;
using Npgsql;
using GrpcStatus = Grpc.Core.Status;

namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>The node's refusals as gRPC statuses, with the trailers that clients read.</summary>
internal static class Refusals
{
    public static RpcException Invalid(string message) => new(new GrpcStatus(StatusCode.InvalidArgument, message));

    public static RpcException Unknown(string message) => new(new GrpcStatus(StatusCode.Unknown, message));

    public static RpcException Unavailable(string message) => new(new GrpcStatus(StatusCode.Unavailable, message));

    public static RpcException QueueFull(long events, TimeSpan retryAfter)
    {
        var message = FormattableString.Invariant($"The node's append queue is full: {events} events wait. Retry after {retryAfter.TotalMilliseconds:0} ms, with the same event ids.");
        return new(new GrpcStatus(StatusCode.ResourceExhausted, message), RetryTimes.Trailers(StatusCode.ResourceExhausted, message, retryAfter));
    }

    public static RpcException DeadlineExceeded(string stream) =>
        new(new GrpcStatus(StatusCode.DeadlineExceeded, $"The append to '{stream}' waited past its deadline and was not tried."));

    public static RpcException TooLarge() =>
        new(new GrpcStatus(StatusCode.InvalidArgument, FormattableString.Invariant($"Maximum Append Size of {WireNames.AppendBytesMax} Exceeded.")),
            new Metadata
            {
                { WireNames.ExceptionTrailer, WireNames.MaximumAppendSizeExceeded },
                { WireNames.MaximumAppendSizeTrailer, WireNames.AppendBytesMax.ToString(CultureInfo.InvariantCulture) },
            });

    public static RpcException MissingProperty(string property) =>
        new(new GrpcStatus(StatusCode.InvalidArgument, $"Required Metadata Property '{property}' is missing"),
            new Metadata
            {
                { WireNames.ExceptionTrailer, WireNames.MissingRequiredProperty },
                { WireNames.RequiredPropertiesTrailer, $"{WireNames.TypeKey},{WireNames.ContentTypeKey}" },
            });

    public static RpcException StreamDeleted(string stream) =>
        new(new GrpcStatus(StatusCode.FailedPrecondition, $"Event stream '{stream}' is deleted."),
            new Metadata
            {
                { WireNames.ExceptionTrailer, WireNames.StreamDeleted },
                { WireNames.StreamNameTrailer, Ascii(stream) },
            });

    public static RpcException WrongExpectedVersion(string stream, long expected, long actual) =>
        new(new GrpcStatus(StatusCode.FailedPrecondition, $"Expected {Expected.Describe(expected)} of stream '{stream}'."),
            new Metadata
            {
                { WireNames.ExceptionTrailer, WireNames.WrongExpectedVersion },
                { WireNames.StreamNameTrailer, Ascii(stream) },
                { WireNames.ExpectedVersionTrailer, expected.ToString(CultureInfo.InvariantCulture) },
                { WireNames.ActualVersionTrailer, actual.ToString(CultureInfo.InvariantCulture) },
            });

    /// <summary>A failure of storage in a caller's terms.</summary>
    public static RpcException Storage(Exception failure) =>
        failure is PostgresException { IsTransient: false } refused
            ? new RpcException(new GrpcStatus(StatusCode.Internal, $"PostgreSQL refused the node's query: {refused.MessageText}"))
            : Unavailable($"PostgreSQL cannot be reached: {failure.Message} Retry later.");

    // A trailer's value must be ASCII; a name that is not is percent-encoded.
    public static string Ascii(string stream) =>
        stream.All(character => character is >= ' ' and < (char)127) ? stream : Uri.EscapeDataString(stream);
}
