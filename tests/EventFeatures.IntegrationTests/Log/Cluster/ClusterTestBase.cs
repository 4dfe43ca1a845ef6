using EventFeatures.Core.Events;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Cluster;
using EventFeatures.Log.Protocol.Streaming;
using Xunit;

namespace EventFeatures.IntegrationTests.Log.Cluster;

/// <summary>Two scripted nodes that a test makes leader and follower of.</summary>
public abstract class ClusterTestBase : IAsyncLifetime
{
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromMinutes(5));

    /// <summary>Answers appends, each at the next position.</summary>
    internal ScriptedNode Leader { get; private set; } = null!;

    internal ScriptedNode Follower { get; private set; } = null!;

    /// <summary>Ends a test that hangs.</summary>
    protected CancellationToken Late => _deadline.Token;

    public async Task InitializeAsync()
    {
        Leader = await ScriptedNode.StartAsync();
        Follower = await ScriptedNode.StartAsync();
        Leader.OnBatch = Accept;
        Leader.OnGossip = Follower.OnGossip = () => ScriptedNode.Cluster(
            (Follower, MemberInfo.Types.VNodeState.Follower, true), (Leader, MemberInfo.Types.VNodeState.Leader, true));
    }

    public async Task DisposeAsync()
    {
        await Leader.DisposeAsync();
        await Follower.DisposeAsync();
        _deadline.Dispose();
    }

    protected static EventData Event() => new(Guid.NewGuid(), "Tested", "{}"u8.ToArray());

    internal static string To(ScriptedNode node, string more = "") => FormattableString.Invariant($"esdb://127.0.0.1:{node.Port}?tls=false{more}");

    internal static BatchAppendResp Accept(BatchAppendReq batch) => new()
    {
        CorrelationId = batch.CorrelationId,
        StreamIdentifier = batch.Options.StreamIdentifier,
        Success = new BatchAppendResp.Types.Success { CurrentRevision = 7, Position = new AllStreamPosition { CommitPosition = 42, PreparePosition = 42 } },
    };

    internal static ReadResp Recorded(ulong position, string stream = "card-1") => new()
    {
        Event = new ReadResp.Types.ReadEvent
        {
            CommitPosition = position,
            Event = new ReadResp.Types.ReadEvent.Types.RecordedEvent
            {
                Id = Uuids.Structured(Guid.NewGuid()),
                StreamIdentifier = StreamNames.ToIdentifier(stream),
                StreamRevision = position,
                CommitPosition = position,
                PreparePosition = position,
                Metadata = { { "type", "Tested" }, { "content-type", "application/json" }, { "created", "0" } },
            },
        },
    };
}
