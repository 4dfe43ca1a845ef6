using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol.Cluster;
using EventFeatures.Server.Health;
using EventFeatures.Testing.Specs;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log.Cluster;

/// <summary>What health says of a cluster that cannot be used.</summary>
public sealed class LogHealthTests : ClusterTestBase
{
    [Fact]
    public async Task A_cluster_without_a_leader_is_told_as_one_though_it_is_asked_for_longer_than_health_waits()
    {
        Follower.OnGossip = () => ScriptedNode.Cluster((Follower, MemberInfo.Types.VNodeState.Follower, true));
        await using var log = EventStoreLog.Connect(To(Follower, "&maxDiscoverAttempts=1").Replace("esdb://", "esdb+discover://", StringComparison.Ordinal));
        var health = new LogHealth(log);
        var said = default(HealthCheckResult);

        // The first search of a process may take longer than health waits; then it knows of no failure yet.
        await Eventually.TrueAsync(
            async () => (said = await health.CheckHealthAsync(new HealthCheckContext(), Late)).Description!.Contains("named a living Leader", StringComparison.Ordinal),
            TimeSpan.FromMinutes(2), () => $"It said: {said.Description}");

        said.Status.ShouldBe(HealthStatus.Unhealthy);
        said.Description.ShouldStartWith("the log did not answer within 2 s: ");
    }
}
