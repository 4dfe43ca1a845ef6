using EventFeatures.Log.EmbeddedNode.Serving;
using EventFeatures.Log.Protocol.Persistent;
using Google.Protobuf;
using Grpc.Core;
using Npgsql;
using GrpcStatus = Grpc.Core.Status;
using Wire = EventFeatures.Log.Protocol.Persistent;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>The protocol's <c>PersistentSubscriptions</c> service.</summary>
internal sealed class PersistentSubscriptionsService(NodeServices node, Groups groups, OpenCalls open) : Wire.PersistentSubscriptions.PersistentSubscriptionsBase
{
    public override Task<CreateResp> Create(CreateReq request, ServerCallContext context) => AnswerAsync(context, async ended =>
    {
        await groups.CreateAsync(GroupRequests.Definition(request), ended);
        return new CreateResp();
    });

    public override Task<UpdateResp> Update(UpdateReq request, ServerCallContext context) => AnswerAsync(context, async ended =>
    {
        await groups.UpdateAsync(GroupRequests.Definition(request), ended);
        return new UpdateResp();
    });

    public override Task<DeleteResp> Delete(DeleteReq request, ServerCallContext context) => AnswerAsync(context, async ended =>
    {
        var options = request.Options ?? throw Refusals.Invalid("The request has no options.");
        await groups.DeleteAsync(GroupRequests.Key(options.StreamIdentifier, options.All is not null, options.GroupName), ended);
        return new DeleteResp();
    });

    public override Task Read(IAsyncStreamReader<ReadReq> requestStream, IServerStreamWriter<ReadResp> responseStream, ServerCallContext context) =>
        AnswerAsync(context, async ended =>
        {
            await open.ConsumingAsync(() => ConsumerCall.RunAsync(groups, requestStream, responseStream, context, ended));
            return true;
        });

    public override Task<GetInfoResp> GetInfo(GetInfoReq request, ServerCallContext context) => AnswerAsync(context, async ended =>
    {
        var options = request.Options ?? throw Refusals.Invalid("The request has no options.");
        var key = GroupRequests.Key(options.StreamIdentifier, options.All is not null, options.GroupName);
        return new GetInfoResp { SubscriptionInfo = await DescribeAsync(await groups.FindAsync(key, ended), ended) };
    });

    public override Task<ReplayParkedResp> ReplayParked(ReplayParkedReq request, ServerCallContext context) => AnswerAsync(context, async ended =>
    {
        var options = request.Options ?? throw Refusals.Invalid("The request has no options.");
        var key = GroupRequests.Key(options.StreamIdentifier, options.All is not null, options.GroupName);
        var stopAt = options.StopAtOptionCase == ReplayParkedReq.Types.Options.StopAtOptionOneofCase.StopAt ? options.StopAt : (long?)null;
        if (stopAt < 0) throw Refusals.Invalid(FormattableString.Invariant($"stop_at is {stopAt}; it must not be negative."));
        await (await groups.FindAsync(key, ended)).ReplayAsync(stopAt, ended);
        return new ReplayParkedResp();
    });

    public override Task<ListResp> List(ListReq request, ServerCallContext context) => AnswerAsync(context, async ended =>
    {
        var source = request.Options?.ListOptionCase switch
        {
            ListReq.Types.Options.ListOptionOneofCase.ListAllSubscriptions => null,
            ListReq.Types.Options.ListOptionOneofCase.ListForStream when request.Options.ListForStream.All is not null => GroupKey.WholeLog,
            ListReq.Types.Options.ListOptionOneofCase.ListForStream => ProposedEvents.RequireStream(request.Options.ListForStream.Stream),
            _ => throw Refusals.Invalid("The list is neither of all subscriptions nor of one stream's."),
        };
        var keys = await groups.ListAsync(source, ended);
        if (source is not null && keys.Count == 0) throw GroupRefusals.DoesNotExist(new GroupKey(source, ""));
        var list = new ListResp();
        foreach (var key in keys)
        {
            // One that was deleted meanwhile is not listed.
            if (await groups.FindIfThereAsync(key, ended) is { } group) list.Subscriptions.Add(await DescribeAsync(group, ended));
        }
        return list;
    });

    public override Task<Protocol.Empty> RestartSubsystem(Protocol.Empty request, ServerCallContext context) => AnswerAsync(context, async ended =>
    {
        await groups.RestartAsync(ended);
        return new Protocol.Empty();
    });

    private async Task<SubscriptionInfo> DescribeAsync(GroupRunner group, CancellationToken ended)
    {
        var lastKnown = await groups.LastPlaceAsync(group.Definition.Key, ended);
        return await group.LookAsync(look => GroupInfo.Describe(group.Definition, look, lastKnown), ended);
    }

    private async Task<T> AnswerAsync<T>(ServerCallContext context, Func<CancellationToken, Task<T>> answer)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, node.Stopping);
        try
        {
            return await answer(ended.Token);
        }
        catch (OperationCanceledException) when (node.Stopping.IsCancellationRequested)
        {
            throw Refusals.Unavailable("The node is shutting down.");
        }
        catch (Exception gone) when (context.CancellationToken.IsCancellationRequested || gone is OperationCanceledException)
        {
            throw new RpcException(new GrpcStatus(StatusCode.Cancelled, "The caller is gone."));
        }
        catch (InvalidProtocolBufferException malformed)
        {
            throw Refusals.Invalid($"The request cannot be read: {malformed.Message}");
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
        {
            throw Refusals.Storage(failure);
        }
        catch (SystemAppendException failure)
        {
            throw Refusals.Unavailable(failure.Message);
        }
    }
}
