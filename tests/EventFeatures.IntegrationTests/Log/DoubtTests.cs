using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.EmbeddedNode.Storage;
using EventFeatures.Log.EmbeddedNode.Writing;
using EventFeatures.Log.Protocol;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log;

/// <summary>What an append is answered whose commit landed although its end was never learnt.</summary>
public sealed class DoubtTests : NodeTestBase
{
    [Theory]
    [InlineData(Expected.NoStream, false)]
    [InlineData(Expected.Any, false)]
    [InlineData(Expected.StreamExists, false)]
    [InlineData(Expected.StreamExists, true)]
    public async Task It_landed_also_where_its_stream_was_deleted_straight_after(long expected, bool isSoft)
    {
        var landed = Event();
        await using (var node = await EmbeddedNode.StartAsync(Options, Late))
        await using (var log = EventStoreLog.Connect(node.ConnectionString))
        {
            await log.AppendToStreamAsync("card-1", StreamState.NoStream, [landed], Late);
            if (isSoft) await log.DeleteStreamAsync("card-1", StreamState.Any, Late);
            else await log.TombstoneStreamAsync("card-1", StreamState.Any, Late);
        }

        (await DecideAsync(landed, expected, inDoubt: true)).ShouldBe(new AppendOutcome(AppendEnd.Appended, 0, 1));
        (await DecideAsync(Event(), expected, inDoubt: true)).End.ShouldBe(AppendEnd.StreamDeleted, "that one did not land");
        if (!isSoft) (await DecideAsync(landed, expected, inDoubt: false)).End.ShouldBe(AppendEnd.StreamDeleted, "a caller's retry is told what became of the stream");
    }

    private async Task<AppendOutcome> DecideAsync(EventData data, long expected, bool inDoubt)
    {
        var partitions = new Partitions(EmbeddedNodeOptions.DefaultPartitionEvents);
        await using (var connection = await Database.Source.OpenConnectionAsync(Late)) await partitions.LoadAsync(connection, Late);
        var heads = new StreamHeads(new HeadQueries(Database.Source, partitions));
        heads.ExpectMetadata();
        heads.BeginBatch();
        var append = new Append(new StoredEvent("card-1", data.Type, data.EventId, isJson: false, data.Data, data.Metadata), expected) { InDoubt = inDoubt };
        var batch = new CommitBatch();
        batch.Add(append);
        await heads.LoadAsync(batch, Late);
        new AppendDecider(heads, partitions, head: 2).Decide(append, nowMicroseconds: 0, batch.Written);
        return append.Outcome;
    }

    private sealed class Append(StoredEvent stored, long expected) : AppendRequest("card-1", expected, [stored], [], [], 0)
    {
        public override void Complete(AppendOutcome outcome) => throw new InvalidOperationException("Nobody completes it.");
    }
}
