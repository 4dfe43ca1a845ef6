using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol;
using EventFeatures.Testing.Specs;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log.Cluster;

/// <summary>A node that says what it serves only once the client has gone to another.</summary>
public sealed class LateAnswerTests : ClusterTestBase
{
    [Fact]
    public async Task Who_waited_for_the_old_node_appends_at_the_new_one_and_ends_nothing_there()
    {
        var spoken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Leader.Silence = spoken.Task.WaitAsync;
        Leader.OnRead = (_, _, _) => throw ScriptedNode.NotLeader(Follower);
        Follower.OnRead = (_, responses, cancellation) => responses.WriteAsync(Recorded(5), cancellation);
        // The first append that comes is left without an answer.
        Follower.OnBatch = batch => Follower.Batches.Count == 1 ? null : Accept(batch);
        await using var log = EventStoreLog.Connect(To(Leader, "&defaultDeadline=300000"));
        EventData late = Event(), live = Event();
        var lateAppend = log.AppendToStreamAsync("card-1", StreamState.Any, [late], Late);
        await Eventually.TrueAsync(() => Task.FromResult(Leader.AskedForFeatures > 0), TimeSpan.FromMinutes(1), () => "Nobody asked.");
        await log.ReadHeadAsync(Late);
        var liveAppend = log.AppendToStreamAsync("card-2", StreamState.Any, [live], Late);
        await Eventually.TrueAsync(() => Task.FromResult(Follower.Batches.Count > 0), TimeSpan.FromMinutes(1), () => "Nothing was appended.");

        spoken.SetResult();

        (await lateAppend).NextExpectedRevision.ShouldBe(7);
        liveAppend.IsCompleted.ShouldBeFalse();
        Follower.Batches.Select(batch => batch.ProposedMessages.Single().Id).ShouldBe([Uuids.Structured(live.EventId), Uuids.Structured(late.EventId)]);
        Follower.HalfClosed.ShouldBeEmpty();
        Leader.Batches.ShouldBeEmpty();
        await log.DisposeAsync();
        await Should.ThrowAsync<Exception>(liveAppend);
    }
}
