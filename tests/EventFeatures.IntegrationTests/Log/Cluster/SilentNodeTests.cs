using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Testing.Specs;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log.Cluster;

/// <summary>Many callers of one client, whose nodes accept connections and answer nothing.</summary>
public sealed class SilentNodeTests : ClusterTestBase
{
    private const int Callers = 40;

    // Each by itself would ask once a try, of which there are eight, and together they ask for as many tries.
    private const int AsksMax = 2 * Callers;

    private readonly TaskCompletionSource _spoken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Callers_of_a_node_that_does_not_say_what_it_serves_wait_together_and_not_one_after_the_other()
    {
        // The first call of a process takes long, and one that ends before it came to the node is none that the node counts.
        await using (var warm = EventStoreLog.Connect(To(Leader))) await warm.AppendToStreamAsync("card-0", StreamState.Any, [Event()], Late);
        var before = Leader.AskedForFeatures;
        Leader.Silence = _spoken.Task.WaitAsync;
        await using var log = EventStoreLog.Connect(To(Leader, "&defaultDeadline=500"), new HurriedTime(100));

        await AllFailAsync(log);

        (Leader.AskedForFeatures - before).ShouldBeInRange(1, AsksMax);
    }

    [Fact]
    public async Task Callers_of_seeds_that_name_no_members_wait_together_and_not_one_after_the_other()
    {
        Leader.Silence = Follower.Silence = _spoken.Task.WaitAsync;
        // By the hurried clock, which keeps discovery's deadline, both are 200 ms.
        await using var log = EventStoreLog.Connect(
            To(Leader, "&defaultDeadline=20000&gossipTimeout=200").Replace("esdb://", FormattableString.Invariant($"esdb+discover://127.0.0.1:{Follower.Port},"), StringComparison.Ordinal),
            new HurriedTime(100));

        await AllFailAsync(log);

        (Leader.AskedForMembers + Follower.AskedForMembers).ShouldBeInRange(1, 2 * AsksMax);
    }

    [Fact]
    public async Task A_seed_that_is_silent_for_longer_than_a_try_keeps_nobody_from_the_next_one()
    {
        Follower.Silence = _spoken.Task.WaitAsync;
        await using var log = EventStoreLog.Connect(
            To(Leader, "&defaultDeadline=1000&gossipTimeout=60000").Replace("esdb://", FormattableString.Invariant($"esdb+discover://127.0.0.1:{Follower.Port},"), StringComparison.Ordinal));

        (await log.AppendToStreamAsync("card-1", StreamState.Any, [Event()], Late)).NextExpectedRevision.ShouldBe(7);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_cancels_ends_its_own_wait_alone(bool discovers)
    {
        Leader.Silence = _spoken.Task.WaitAsync;
        await using var log = EventStoreLog.Connect(discovers ? To(Leader).Replace("esdb://", "esdb+discover://", StringComparison.Ordinal) : To(Leader));
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Late);
        var first = log.AppendToStreamAsync("card-1", StreamState.Any, [Event()], caller.Token);
        var second = log.AppendToStreamAsync("card-2", StreamState.Any, [Event()], Late);
        await Eventually.TrueAsync(() => Task.FromResult(Asked() > 0), TimeSpan.FromMinutes(1), () => "Nobody asked.");

        await caller.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(first);
        second.IsCompleted.ShouldBeFalse();
        _spoken.SetResult();
        (await second).NextExpectedRevision.ShouldBe(7);

        int Asked() => discovers ? Leader.AskedForMembers : Leader.AskedForFeatures;
    }

    private async Task AllFailAsync(EventStoreLog log)
    {
        var appends = Enumerable.Range(0, Callers)
            .Select(caller => log.AppendToStreamAsync(FormattableString.Invariant($"card-{caller}"), StreamState.Any, [Event()], Late)).ToList();
        foreach (var append in appends) (await Should.ThrowAsync<LogUnavailableException>(append)).Message.ShouldContain("failed 8 times");
    }
}
