using EventFeatures.Core.Events;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Grpc.Net.Client;

namespace EventFeatures.Log.Client;

/// <summary>
/// Deletes and closes streams. A deletion has no id by which the log could know its retry, so a stream that a retry
/// finds deleted counts as deleted by the try whose answer was lost.
/// </summary>
internal sealed class Deletions(NodeSource nodes, ConnectionSettings settings, TimeProvider time, Retries retries)
{
    /// <summary>Where the stream was deleted; <see langword="null"/> when a lost try had done so.</summary>
    public Task<Position?> DeleteAsync(string stream, StreamState expected, CancellationToken cancellation)
    {
        var options = new DeleteReq.Types.Options { StreamIdentifier = StreamNames.ToIdentifier(stream) };
        switch (Expected.Of(expected))
        {
            case Expected.Any: options.Any = new Empty(); break;
            case Expected.NoStream: options.NoStream = new Empty(); break;
            case Expected.StreamExists: options.StreamExists = new Empty(); break;
            case var revision: options.Revision = (ulong)revision; break;
        }
        return RunAsync("delete", stream, expected, async (streams, call) =>
            (await streams.DeleteAsync(new DeleteReq { Options = options }, call)).Position?.CommitPosition, cancellation);
    }

    /// <summary>Where the stream was closed; <see langword="null"/> when a lost try had done so.</summary>
    public Task<Position?> TombstoneAsync(string stream, StreamState expected, CancellationToken cancellation)
    {
        var options = new TombstoneReq.Types.Options { StreamIdentifier = StreamNames.ToIdentifier(stream) };
        switch (Expected.Of(expected))
        {
            case Expected.Any: options.Any = new Empty(); break;
            case Expected.NoStream: options.NoStream = new Empty(); break;
            case Expected.StreamExists: options.StreamExists = new Empty(); break;
            case var revision: options.Revision = (ulong)revision; break;
        }
        return RunAsync("tombstone", stream, expected, async (streams, call) =>
            (await streams.TombstoneAsync(new TombstoneReq { Options = options }, call)).Position?.CommitPosition, cancellation);
    }

    private Task<Position?> RunAsync(
        string verb, string stream, StreamState expected, Func<Streams.StreamsClient, CallOptions, Task<ulong?>> call, CancellationToken cancellation)
    {
        var operation = $"{verb} '{stream}'";
        var inDoubt = false;
        return retries.RunAsync<Position?>($"To {operation}", async token =>
        {
            var channel = await nodes.GetAsync(token);
            try
            {
                return await TryAsync(channel, operation, stream, expected, call, token);
            }
            catch (StreamDeletedException) when (inDoubt)
            {
                return null;
            }
            catch (Exception failure) when (Retries.MayPass(failure))
            {
                inDoubt |= failure is not RpcException rpc || NodeSource.LeaderNamedBy(rpc) is null;
                nodes.Learn(channel, failure);
                throw;
            }
        }, cancellation);
    }

    private async Task<Position?> TryAsync(
        GrpcChannel channel, string operation, string stream, StreamState expected,
        Func<Streams.StreamsClient, CallOptions, Task<ulong?>> call, CancellationToken cancellation)
    {
        try
        {
            var options = new CallOptions(nodes.Headers(), time.GetUtcNow().UtcDateTime + settings.DefaultDeadline, cancellation);
            return await call(new Streams.StreamsClient(channel), options) is { } position ? new Position(position) : null;
        }
        catch (RpcException failure)
        {
            throw LogFailures.OfDeletion(operation, stream, expected, failure);
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"The log did not {operation} in time.", late);
        }
    }
}
