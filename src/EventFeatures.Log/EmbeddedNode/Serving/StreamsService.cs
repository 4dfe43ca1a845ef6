using EventFeatures.Log.EmbeddedNode.Reading;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Npgsql;

namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>The protocol's <c>Streams</c> service, as <see cref="StreamsBinding"/> serves it.</summary>
internal sealed class StreamsService(NodeServices node, OpenCalls open) : Streams.StreamsBase
{
    public override async Task Read(ReadReq request, IServerStreamWriter<ReadResp> responseStream, ServerCallContext context)
    {
        var read = ReadRequest.Check(request);
        var frames = new EventFrames(context.GetHttpContext().Response.BodyWriter, read.StructuredIds);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, node.Stopping);
        try
        {
            if (read.IsSubscription) await open.SubscribedAsync(() => new CatchUpSubscription(read, node.Pages, node.Extents, node.Links, node.Tail, frames).RunAsync(ended.Token));
            else await node.Reader.ReadAsync(read, frames, ended.Token);
        }
        catch (OperationCanceledException) when (node.Stopping.IsCancellationRequested)
        {
            throw Refusals.Unavailable("The node is shutting down.");
        }
        catch (OperationCanceledException)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "The caller is gone."));
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
        {
            throw Refusals.Storage(failure);
        }
    }

    public override Task<AppendResp> Append(IAsyncStreamReader<AppendReq> requestStream, ServerCallContext context) =>
        UnaryAppend.RunAsync(node, requestStream, context);

    /// <summary>Serves batches, read by <see cref="BatchMessage.Marshaller"/>.</summary>
    public Task BatchAppend(
        IAsyncStreamReader<BatchMessage> requestStream, IServerStreamWriter<BatchAppendResp> responseStream, ServerCallContext context) =>
        new BatchAppendCall(node, requestStream, responseStream).RunAsync(context.CancellationToken);

    public override async Task<DeleteResp> Delete(DeleteReq request, ServerCallContext context) =>
        new() { Position = DeletionCall.DeletePosition(await DeletionCall.RunAsync(node, request, context)) };

    public override async Task<TombstoneResp> Tombstone(TombstoneReq request, ServerCallContext context) =>
        new() { Position = DeletionCall.TombstonePosition(await DeletionCall.RunAsync(node, request, context)) };
}
