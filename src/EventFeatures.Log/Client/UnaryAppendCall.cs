using EventFeatures.Core.Events;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Grpc.Net.Client;

namespace EventFeatures.Log.Client;

/// <summary>An append in a call of its own, for servers without batches.</summary>
internal static class UnaryAppendCall
{
    public static async Task<AppendResult> RunAsync(
        GrpcChannel channel, Metadata headers, ConnectionSettings settings, TimeProvider time,
        string stream, StreamState expected, IReadOnlyList<EventData> events, CancellationToken cancellation)
    {
        using var call = new Streams.StreamsClient(channel).Append(
            headers, time.GetUtcNow().UtcDateTime + settings.DefaultDeadline, cancellation);
        try
        {
            await SendAsync(call.RequestStream, stream, expected, events, cancellation);
            return Read(stream, expected, await call.ResponseAsync);
        }
        catch (RpcException failure)
        {
            throw Refusal(stream, failure);
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw new AppendTriedInVainException("The log did not answer in time.", late);
        }
    }

    private static async Task SendAsync(
        IClientStreamWriter<AppendReq> requests, string stream, StreamState expected, IReadOnlyList<EventData> events, CancellationToken cancellation)
    {
        try
        {
            await requests.WriteAsync(new AppendReq { Options = Options(stream, expected) }, cancellation);
            foreach (var data in events) await requests.WriteAsync(new AppendReq { ProposedMessage = WireEvents.Unary(data) }, cancellation);
            await requests.CompleteAsync();
        }
        catch (Exception broken) when (broken is RpcException or IOException or InvalidOperationException or OperationCanceledException)
        {
            // The log may have seen enough and answered before it had read everything, which ends what is being sent in
            // one of these ways. How the call itself ended, its answer tells, also where the caller cancelled it.
        }
    }

    // What the log refuses while messages are still being sent shows as a broken request; its status tells why.
    private static Exception Refusal(string stream, RpcException failure) =>
        failure.Trailers.GetValue(WireNames.ExceptionTrailer) == WireNames.MaximumAppendSizeExceeded
            ? new AppendTooLargeException(stream, WireNames.AppendBytesMax)
            : LogFailures.OfStatus($"append to '{stream}'", stream, failure);

    private static AppendReq.Types.Options Options(string stream, StreamState expected)
    {
        var options = new AppendReq.Types.Options { StreamIdentifier = StreamNames.ToIdentifier(stream) };
        switch (Expected.Of(expected))
        {
            case Expected.Any: options.Any = new Empty(); break;
            case Expected.NoStream: options.NoStream = new Empty(); break;
            case Expected.StreamExists: options.StreamExists = new Empty(); break;
            case var revision: options.Revision = (ulong)revision; break;
        }
        return options;
    }

    private static AppendResult Read(string stream, StreamState expected, AppendResp answer)
    {
        if (answer.ResultCase == AppendResp.ResultOneofCase.Success)
            return new AppendResult(
                answer.Success.CurrentRevisionOptionCase == AppendResp.Types.Success.CurrentRevisionOptionOneofCase.CurrentRevision
                    ? (long)answer.Success.CurrentRevision : -1,
                new Position(answer.Success.Position?.CommitPosition ?? 0));
        var wrong = answer.WrongExpectedVersion;
        throw new WrongExpectedVersionException(stream, expected,
            wrong.CurrentRevisionOptionCase == AppendResp.Types.WrongExpectedVersion.CurrentRevisionOptionOneofCase.CurrentRevision
                ? (long)wrong.CurrentRevision
                : wrong.CurrentRevisionOption2060Case == AppendResp.Types.WrongExpectedVersion.CurrentRevisionOption2060OneofCase.CurrentRevision2060
                    ? (long)wrong.CurrentRevision2060 : null);
    }
}
