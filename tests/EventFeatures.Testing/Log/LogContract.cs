using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using EventFeatures.Testing.Specs;
using Grpc.Net.Client;
using Xunit;

namespace EventFeatures.Testing.Log;

/// <summary>
/// What every server of the log's protocol must do, embedded or not. Tests use streams of their own and never
/// assume that nobody else appends. The trait <c>Fact</c> is a number in the protocol's list of facts.
/// </summary>
public abstract class LogContract(string connectionString) : IAsyncLifetime
{
    /// <summary>The longest that anything here may take.</summary>
    protected static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private readonly string _prefix = $"contract{Guid.NewGuid():n}";
    private readonly CancellationTokenSource _deadline = new(Deadline);
    private GrpcChannel _channel = null!;

    /// <summary>The client under test.</summary>
    protected EventStoreLog Log { get; private set; } = null!;

    /// <summary>Ends a test that hangs.</summary>
    protected CancellationToken Late => _deadline.Token;

    /// <summary>The bare protocol, for what the client does not show.</summary>
    internal Streams.StreamsClient Wire => new(_channel);

    /// <summary>A channel for the protocol's other services.</summary>
    internal GrpcChannel Channel => _channel;

    public Task InitializeAsync()
    {
        var settings = ConnectionSettings.Parse(connectionString);
        _channel = GrpcChannel.ForAddress(settings.AddressOf(settings.Nodes[0]), new GrpcChannelOptions { MaxReceiveMessageSize = 16 << 20 });
        Log = EventStoreLog.Connect(connectionString);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await Log.DisposeAsync();
        _channel.Dispose();
        _deadline.Dispose();
    }

    /// <summary>A stream that nobody else uses; all of a test's share one prefix.</summary>
    protected string Stream(string key = "1") => $"{_prefix}-{key}";

    /// <summary>The prefix of this test's streams.</summary>
    protected string Prefix => _prefix;

    /// <summary>An event with an id of its own.</summary>
    protected static EventData Event(string type = "Tested", string json = "{}") => new(Guid.NewGuid(), type, System.Text.Encoding.UTF8.GetBytes(json));

    /// <summary>Several events.</summary>
    protected static EventData[] Events(int count) => [.. Enumerable.Range(0, count).Select(index => Event(json: $"{{\"index\":{index}}}"))];

    /// <summary>All events of a stream, oldest first.</summary>
    protected Task<List<RecordedEvent>> ReadAsync(string stream) => ToListAsync(Log.ReadStreamAsync(stream, cancellation: Late));

    /// <summary>Waits until a stream reads as these revisions: a real server writes some metadata after it has answered.</summary>
    protected async Task EventuallyReadsAsync(string stream, params long[] revisions)
    {
        List<long> found = [];
        await Eventually.TrueAsync(
            async () => (found = [.. (await ReadAsync(stream)).Select(each => each.Revision)]).SequenceEqual(revisions),
            Deadline / 2, () => $"'{stream}' reads as [{string.Join(", ", found)}] instead of [{string.Join(", ", revisions)}].");
    }

    /// <summary>Everything that a read gives.</summary>
    protected static async Task<List<T>> ToListAsync<T>(IAsyncEnumerable<T> items)
    {
        List<T> list = [];
        await foreach (var item in items) list.Add(item);
        return list;
    }

    /// <summary>Reads by the bare protocol, message by message.</summary>
    internal async Task<List<ReadResp>> ReadWireAsync(ReadReq request)
    {
        using var call = Wire.Read(request, cancellationToken: Late);
        List<ReadResp> messages = [];
        while (await call.ResponseStream.MoveNext(Late)) messages.Add(call.ResponseStream.Current);
        return messages;
    }

    /// <summary>Sends one batch on a call of its own and waits for its answer.</summary>
    internal async Task<BatchAppendResp> AppendBatchAsync(params BatchAppendReq[] messages)
    {
        using var call = Wire.BatchAppend(cancellationToken: Late);
        foreach (var message in messages) await call.RequestStream.WriteAsync(message, Late);
        if (!await call.ResponseStream.MoveNext(Late)) throw new InvalidOperationException("The log ended the batch stream without an answer.");
        return call.ResponseStream.Current;
    }

    /// <summary>A whole batch in one message, that expects any state.</summary>
    internal static BatchAppendReq Batch(string stream, params EventData[] events)
    {
        var request = new BatchAppendReq
        {
            CorrelationId = Uuids.Structured(Guid.NewGuid()),
            Options = new BatchAppendReq.Types.Options
            {
                StreamIdentifier = StreamNames.ToIdentifier(stream),
                Any = new Google.Protobuf.WellKnownTypes.Empty(),
            },
            IsFinal = true,
        };
        request.ProposedMessages.AddRange(events.Select(WireBatches.Proposed));
        return request;
    }
}
