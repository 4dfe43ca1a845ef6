using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace EventFeatures.Log.Protocol;

/// <summary>
/// When to come back, as a refusal for want of room says it: <c>google.rpc.RetryInfo</c>, in the trailer of a call's
/// status or in the one detail of a batch's.
/// </summary>
internal static class RetryTimes
{
    /// <summary>The trailer that carries a <see cref="Status"/> with details.</summary>
    public const string DetailsTrailer = "grpc-status-details-bin";

    public static Metadata Trailers(StatusCode code, string message, TimeSpan delay) =>
        new() { { DetailsTrailer, new Status { Code = (Code)(int)code, Message = message, Details = Detail(delay) }.ToByteArray() } };

    public static Any Detail(TimeSpan delay) => Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(delay) });

    /// <summary>The delay that a refused call's trailers name, if they do.</summary>
    public static TimeSpan? Of(Metadata trailers)
    {
        try
        {
            return trailers.GetValueBytes(DetailsTrailer) is { } bytes ? Of(Status.Parser.ParseFrom(bytes).Details) : null;
        }
        catch (InvalidProtocolBufferException)
        {
            // Somebody else's trailer of the same name says nothing to us.
            return null;
        }
    }

    /// <summary>The delay that a detail names, if it does.</summary>
    public static TimeSpan? Of(Any? detail)
    {
        try
        {
            return detail is not null && detail.TryUnpack<RetryInfo>(out var info) && info.RetryDelay?.ToTimeSpan() is { Ticks: >= 0 } delay ? delay : null;
        }
        catch (Exception wrong) when (wrong is InvalidProtocolBufferException or InvalidOperationException or OverflowException)
        {
            return null;
        }
    }
}
