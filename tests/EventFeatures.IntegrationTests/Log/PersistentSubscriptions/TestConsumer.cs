using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Persistent;
using Grpc.Core;
using Nack = EventFeatures.Log.Protocol.Persistent.ReadReq.Types.Nack;
using ReadEvent = EventFeatures.Log.Protocol.Persistent.ReadResp.Types.ReadEvent;

namespace EventFeatures.IntegrationTests.Log.PersistentSubscriptions;

/// <summary>A consumer of a group, by the bare protocol.</summary>
internal sealed class TestConsumer : IDisposable
{
    private readonly AsyncDuplexStreamingCall<ReadReq, ReadResp> _call;
    private readonly CancellationToken _late;

    private TestConsumer(AsyncDuplexStreamingCall<ReadReq, ReadResp> call, CancellationToken late)
    {
        (_call, _late) = (call, late);
    }

    public string SubscriptionId { get; private set; } = "";

    /// <summary>Subscribes, and waits for the confirmation.</summary>
    /// <param name="client">The service.</param>
    /// <param name="stream">The stream; null for the whole log.</param>
    /// <param name="group">The group's name.</param>
    /// <param name="bufferSize">How many events it takes at a time.</param>
    /// <param name="late">Ends a test that hangs.</param>
    public static async Task<TestConsumer> SubscribeAsync(
        EventFeatures.Log.Protocol.Persistent.PersistentSubscriptions.PersistentSubscriptionsClient client, string? stream, string group, int bufferSize, CancellationToken late)
    {
        var consumer = new TestConsumer(client.Read(cancellationToken: late), late);
        var options = new ReadReq.Types.Options
        {
            GroupName = group, BufferSize = bufferSize, UuidOption = new() { Structured = new Empty() },
        };
        if (stream is null) options.All = new Empty();
        else options.StreamIdentifier = StreamNames.ToIdentifier(stream);
        await consumer._call.RequestStream.WriteAsync(new ReadReq { Options = options }, late);
        consumer.SubscriptionId = (await consumer.NextMessageAsync()).SubscriptionConfirmation.SubscriptionId;
        return consumer;
    }

    public async Task<ReadEvent> NextAsync() => (await NextMessageAsync()).Event;

    public async Task<List<ReadEvent>> NextAsync(int count)
    {
        List<ReadEvent> events = [];
        while (events.Count < count) events.Add(await NextAsync());
        return events;
    }

    /// <summary>Takes the next event and acknowledges it.</summary>
    public async Task<List<ReadEvent>> HandleAsync(int count)
    {
        List<ReadEvent> events = [];
        for (var index = 0; index < count; index++)
        {
            events.Add(await NextAsync());
            await AcknowledgeAsync(events[^1]);
        }
        return events;
    }

    public Task AcknowledgeAsync(params ReadEvent[] events) =>
        _call.RequestStream.WriteAsync(new ReadReq { Ack = new ReadReq.Types.Ack { Ids = { events.Select(Id) } } }, _late);

    /// <summary>Acknowledges an event that need not have arrived.</summary>
    public Task AcknowledgeAsync(Guid id) =>
        _call.RequestStream.WriteAsync(new ReadReq { Ack = new ReadReq.Types.Ack { Ids = { Uuids.Structured(id) } } }, _late);

    public Task RefuseAsync(Nack.Types.Action action, params ReadEvent[] events) =>
        _call.RequestStream.WriteAsync(new ReadReq { Nack = new Nack { Ids = { events.Select(Id) }, Action = action, Reason = "a test" } }, _late);

    /// <summary>The status by which the call ends.</summary>
    public async Task<RpcException> EndAsync()
    {
        try
        {
            while (await _call.ResponseStream.MoveNext(_late))
            {
            }
        }
        catch (RpcException end)
        {
            return end;
        }
        throw new InvalidOperationException("The call ended without a status.");
    }

    /// <summary>Leaves without a word, as a process that is killed.</summary>
    public void Dispose() => _call.Dispose();

    private async Task<ReadResp> NextMessageAsync() =>
        await _call.ResponseStream.MoveNext(_late) ? _call.ResponseStream.Current : throw new InvalidOperationException("The call ended.");

    private static UUID Id(ReadEvent read) => (read.Link ?? read.Event).Id;
}
