using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Persistent;
using Google.Protobuf;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Wire = EventFeatures.Log.Protocol.Persistent.PersistentSubscriptions;

namespace EventFeatures.IntegrationTests.Log.PersistentSubscriptions;

/// <summary>A node with a client, and groups by the bare protocol.</summary>
public abstract class PersistentSubscriptionTestBase : NodeTestBase
{
    protected const string Group = "workers";

    internal static CreateReq.Types.Settings Settings() => new()
    {
        MessageTimeoutMs = 30_000, MaxRetryCount = 2, CheckpointAfterMs = 50, MinCheckpointCount = 1, MaxCheckpointCount = 10,
        LiveBufferSize = 500, ReadBatchSize = 20, HistoryBufferSize = 500, NamedConsumerStrategy = CreateReq.Types.ConsumerStrategy.RoundRobin,
    };

    /// <summary>As official clients ask for it: by the older fields.</summary>
    internal static CreateReq OnStream(string stream, CreateReq.Types.Settings? settings = null, string group = Group) => new()
    {
        Options = new CreateReq.Types.Options { StreamIdentifier = StreamNames.ToIdentifier(stream), GroupName = group, Settings = settings ?? Settings() },
    };

    internal static CreateReq OnLog(string? prefix = null, CreateReq.Types.Settings? settings = null)
    {
        var all = new CreateReq.Types.AllOptions { Start = new Empty() };
        if (prefix is null) all.NoFilter = new Empty();
        else all.Filter = new() { StreamIdentifier = new() { Prefix = { prefix } }, Count = new Empty(), CheckpointIntervalMultiplier = 1 };
        return new CreateReq { Options = new CreateReq.Types.Options { All = all, GroupName = Group, Settings = settings ?? Settings() } };
    }

    internal Task<Running> StartAsync(ILoggerFactory? loggers = null) => StartAsync(Options with { LoggerFactory = loggers ?? NullLoggerFactory.Instance });

    internal async Task<Running> StartAsync(EmbeddedNodeOptions options)
    {
        var node = await EmbeddedNode.StartAsync(options, Late);
        var channel = Channel(node);
        return new Running(node, channel, EventStoreLog.Connect(node.ConnectionString), new Wire.PersistentSubscriptionsClient(channel));
    }

    internal static UpdateReq UpdateOf(string stream) => UpdateReq.Parser.ParseFrom(OnStream(stream).ToByteArray());

    internal static DeleteReq DeletionOf(string stream) =>
        new() { Options = new() { StreamIdentifier = StreamNames.ToIdentifier(stream), GroupName = Group } };

    internal async Task<SubscriptionInfo> InfoAsync(Running running, string? stream)
    {
        var options = new GetInfoReq.Types.Options { GroupName = Group };
        if (stream is null) options.All = new Empty();
        else options.StreamIdentifier = StreamNames.ToIdentifier(stream);
        return (await running.Groups.GetInfoAsync(new GetInfoReq { Options = options }, cancellationToken: Late)).SubscriptionInfo;
    }

    /// <summary>Asks for a group's information until it is as expected.</summary>
    internal async Task<SubscriptionInfo> InfoAsync(Running running, string? stream, Func<SubscriptionInfo, bool> until)
    {
        while (true)
        {
            var info = await InfoAsync(running, stream);
            if (until(info)) return info;
            await Task.Delay(TimeSpan.FromMilliseconds(20), Late);
        }
    }

    internal Task ReplayAsync(Running running, string stream, long? stopAt = null)
    {
        var options = new ReplayParkedReq.Types.Options { GroupName = Group, StreamIdentifier = StreamNames.ToIdentifier(stream) };
        if (stopAt is { } stop) options.StopAt = stop;
        else options.NoLimit = new Empty();
        return running.Groups.ReplayParkedAsync(new ReplayParkedReq { Options = options }, cancellationToken: Late).ResponseAsync;
    }

    internal async Task AppendAsync(Running running, string stream, int count) =>
        await running.Log.AppendToStreamAsync(stream, StreamState.Any, [.. Enumerable.Range(0, count).Select(_ => Event())], Late);

    internal sealed record Running(EmbeddedNode Node, GrpcChannel Channel, EventStoreLog Log, Wire.PersistentSubscriptionsClient Groups) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Log.DisposeAsync();
            Channel.Dispose();
            await Node.DisposeAsync();
        }
    }
}
