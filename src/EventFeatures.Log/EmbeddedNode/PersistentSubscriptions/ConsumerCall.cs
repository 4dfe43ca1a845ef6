using System.IO.Pipelines;
using System.Threading.Channels;
using EventFeatures.Log.EmbeddedNode.Serving;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Persistent;
using Google.Protobuf;
using Grpc.Core;
using GrpcStatus = Grpc.Core.Status;
using Nack = EventFeatures.Log.Protocol.Persistent.ReadReq.Types.Nack;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>
/// One consumer's call. Its answers are taken as they come; its events wait in a queue that its buffer bounds,
/// until its own flow control lets them out.
/// </summary>
internal sealed class ConsumerCall : Consumer
{
    private static readonly WriteOptions Buffered = new(WriteFlags.BufferHint);
    private static readonly WriteOptions Flushed = new();

    private readonly Channel<Delivery> _outbox = Channel.CreateUnbounded<Delivery>(new UnboundedChannelOptions { SingleReader = true });
    private readonly GroupRunner _group;
    private readonly bool _structuredIds;

    private ConsumerCall(GroupRunner group, int bufferSize, bool structuredIds, ulong salt, string peer, string name)
        : base(bufferSize, salt)
    {
        (_group, _structuredIds, Peer, Name) = (group, structuredIds, peer, name);
    }

    /// <summary>Where it connects from.</summary>
    public string Peer { get; }

    /// <summary>What it calls its connection; empty when it says nothing.</summary>
    public string Name { get; }

    /// <summary>Serves one call until its consumer goes, the group ends it, or the node stops.</summary>
    public static async Task RunAsync(
        Groups groups, IAsyncStreamReader<ReadReq> requests, IServerStreamWriter<ReadResp> responses, ServerCallContext context, CancellationToken ended)
    {
        if (!await requests.MoveNext(ended) || requests.Current.ContentCase != ReadReq.ContentOneofCase.Options)
            throw Refusals.Invalid("A consumer's call starts with its options.");
        var options = requests.Current.Options;
        var key = GroupRequests.Key(options.StreamIdentifier, options.StreamOptionCase == ReadReq.Types.Options.StreamOptionOneofCase.All, options.GroupName);
        var structuredIds = options.UuidOption?.ContentCase switch
        {
            ReadReq.Types.Options.Types.UUIDOption.ContentOneofCase.Structured => true,
            ReadReq.Types.Options.Types.UUIDOption.ContentOneofCase.String => false,
            _ => throw Refusals.Invalid("The consumer has no uuid_option; say string or structured."),
        };
        if (options.BufferSize <= 0)
            throw Refusals.Invalid(FormattableString.Invariant($"The consumer's buffer_size is {options.BufferSize}; it must be at least 1."));
        var group = await groups.FindAsync(key, ended);
        var salt = BitConverter.ToUInt64(Guid.NewGuid().ToByteArray());
        var call = new ConsumerCall(
            group, options.BufferSize, structuredIds, salt, context.Peer, context.RequestHeaders.GetValue(WireNames.ConnectionNameHeader) ?? "");
        group.Connect(call);
        using var hearing = CancellationTokenSource.CreateLinkedTokenSource(ended);
        var heard = Task.CompletedTask;
        try
        {
            await responses.WriteAsync(GroupResponses.Confirmation(key), ended);
            heard = Task.Run(() => call.HearAsync(requests, hearing.Token), CancellationToken.None);
            await call.SendAsync(responses, context.GetHttpContext().Response.BodyWriter, ended);
        }
        finally
        {
            // A connection reads its next call by what it read this one by: whoever still read would take that call's bytes.
            await hearing.CancelAsync();
            await heard;
            group.Disconnect(call);
        }
    }

    public override void Drop(RpcException reason) => _outbox.Writer.TryComplete(reason);

    protected override void Send(Delivery delivery) => _outbox.Writer.TryWrite(delivery);

    private async Task SendAsync(IServerStreamWriter<ReadResp> responses, PipeWriter connection, CancellationToken ended)
    {
        while (await _outbox.Reader.WaitToReadAsync(ended))
        {
            var isFollowed = false;
            while (_outbox.Reader.TryRead(out var delivery))
            {
                if (!_group.BeginSend(this, delivery)) continue;
                isFollowed = _outbox.Reader.TryPeek(out _);
                responses.WriteOptions = isFollowed ? Buffered : Flushed;
                await responses.WriteAsync(GroupResponses.Event(delivery, _structuredIds), ended);
            }
            // What was to follow turned out to be stale, and the next delivery may be long in coming.
            if (isFollowed) await connection.FlushAsync(ended);
        }
    }

    // Ends with the consumer's requests; whatever ends it also ends the call.
    private async Task HearAsync(IAsyncStreamReader<ReadReq> requests, CancellationToken ended)
    {
        try
        {
            while (await requests.MoveNext(ended)) Hear(requests.Current);
            _outbox.Writer.TryComplete();
        }
        catch (InvalidProtocolBufferException malformed)
        {
            _outbox.Writer.TryComplete(Refusals.Invalid($"A consumer's message cannot be read: {malformed.Message}"));
        }
        catch (RpcException refused)
        {
            _outbox.Writer.TryComplete(refused);
        }
        catch (Exception gone)
        {
            _outbox.Writer.TryComplete(new RpcException(new GrpcStatus(StatusCode.Cancelled, $"The consumer is gone: {gone.Message}")));
        }
    }

    private void Hear(ReadReq request)
    {
        switch (request.ContentCase)
        {
            case ReadReq.ContentOneofCase.Ack:
                _group.Acknowledge(Ids(request.Ack.Ids));
                break;
            case ReadReq.ContentOneofCase.Nack:
                Hear(request.Nack);
                break;
            default:
                throw Refusals.Invalid("After its options, a consumer sends acks and nacks only.");
        }
    }

    private void Hear(Nack nack)
    {
        var ids = Ids(nack.Ids);
        var reason = nack.Reason.Length == 0 ? "The consumer refused the event." : $"The consumer refused the event: {nack.Reason}";
        switch (nack.Action)
        {
            case Nack.Types.Action.Skip:
                _group.Acknowledge(ids);
                break;
            case Nack.Types.Action.Park:
                _group.Refuse(ids, park: true, reason);
                break;
            case Nack.Types.Action.Retry or Nack.Types.Action.Unknown:
                _group.Refuse(ids, park: false, reason);
                break;
            case Nack.Types.Action.Stop:
                // What it holds, this event too, fails once as it goes: refused by itself, the event would fail twice, and might come back to it.
                throw GroupRefusals.Dropped(_group.Definition.Key, "The consumer asked to stop.");
            default:
                throw Refusals.Invalid($"'{nack.Action}' is no action of a nack.");
        }
    }

    private static Guid[] Ids(IReadOnlyCollection<UUID> uuids) =>
        [.. uuids.Select(uuid => Uuids.TryRead(uuid, out var id) ? id : throw Refusals.Invalid("An ack or nack has an id that is no UUID."))];
}
