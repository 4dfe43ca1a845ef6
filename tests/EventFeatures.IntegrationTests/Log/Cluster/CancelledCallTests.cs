using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log.Cluster;

/// <summary>Callers who cancel at the moment at which their call fails.</summary>
public sealed class CancelledCallTests : ClusterTestBase
{
    private const int Rounds = 200, Seed = 9, SpinsMax = 60_000;

    private readonly Random _random = new(Seed);
    private CancellationTokenSource _caller = new();

    public static TheoryData<string> Calls => ["batch", "append", "read", "subscription", "deletion"];

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_caller_who_cancels_while_the_log_fails_hears_of_the_cancellation_alone(string call)
    {
        Leader.HasBatches = call != "append";
        Leader.OnBatch = batch =>
        {
            CancelSoon();
            return new BatchAppendResp { CorrelationId = batch.CorrelationId, Error = new() { Code = Code.Unavailable, Message = "away" } };
        };
        Leader.OnAppend = (_, _) => throw Away();
        Leader.OnRead = (_, _, _) => throw Away();
        Leader.OnDelete = (_, _) => throw Away();
        await using var log = EventStoreLog.Connect(To(Leader));

        for (var round = 0; round < Rounds; round++)
        {
            using var caller = CancellationTokenSource.CreateLinkedTokenSource(Late);
            _caller = caller;
            var ended = await Should.ThrowAsync<Exception>(() => CallAsync(log, call, caller.Token));
            ended.ShouldBeAssignableTo<OperationCanceledException>($"seed {Seed}, round {round}: {ended}");
        }
    }

    private static async Task CallAsync(EventStoreLog log, string call, CancellationToken cancellation)
    {
        if (call is "batch" or "append") await log.AppendToStreamAsync("card-1", StreamState.Any, [Event()], cancellation);
        else if (call == "deletion") await log.DeleteStreamAsync("card-1", StreamState.Any, cancellation);
        else if (call == "read") await log.ReadHeadAsync(cancellation);
        else await foreach (var _ in log.SubscribeToAll(FromAll.Start, cancellation: cancellation)) { }
    }

    private RpcException Away()
    {
        CancelSoon();
        return new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "away"));
    }

    private void CancelSoon()
    {
        var (caller, spins) = (_caller, _random.Next(SpinsMax));
        _ = Task.Run(() =>
        {
            Thread.SpinWait(spins);
            caller.Cancel();
        });
    }
}
