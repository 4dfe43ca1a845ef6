using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.EmbeddedNode.Backup;
using EventFeatures.Testing.Databases;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log.Scavenging;

/// <summary>Whatever happened to its streams, a log shows after a scavenge what it showed before, and nothing moved.</summary>
public sealed class ScavengePropertyTests : NodeTestBase, IDisposable
{
    private static readonly string[] LinkStreams = ["$ce-card", "$ce-shop", "$et-Tested", "$et-Paid", "$et-$>", "$streams"];

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "eventfeatures-backup-" + Guid.NewGuid().ToString("n"));

    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task What_is_visible_is_the_same_before_and_after(int seed)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var options = Options with { PartitionEvents = 1_000, Time = clock };
        await using var node = await EmbeddedNode.StartAsync(options, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        var random = new RandomLog(seed, log, clock, Late);
        await random.LiveAsync(150);
        string[] streams = [.. random.Streams, .. random.Streams.Select(stream => "$$" + stream), .. LinkStreams];
        var visible = new VisibleLog(node, log, Late);
        var streamsBefore = await visible.StreamsAsync(streams);
        var appendsBefore = await visible.AppendsAsync(random.Streams, random.Appended);
        var allBefore = await visible.AllAsync();

        var summary = await node.ScavengeAsync([], cancellation: Late);

        summary.PartsLeft.ShouldBeEmpty();
        (await visible.StreamsAsync(streams)).ShouldBe(streamsBefore, $"seed {seed}");
        (await visible.AppendsAsync(random.Streams, random.Appended)).ShouldBe(appendsBefore, $"seed {seed}");
        var allAfter = await visible.AllAsync();
        await HoldsAsync(log, allBefore, allAfter, summary);
        VisibleLog.Lines(await visible.AllAsync(ReadDirection.Backwards)).ShouldBe(Enumerable.Reverse(VisibleLog.Lines(allAfter)));
        VisibleLog.Lines(await visible.SubscribedAsync()).ShouldBe(VisibleLog.Lines(allAfter));
        (await node.ScavengeAsync([], cancellation: Late)).EventsRemoved.ShouldBe(0, "what can go is gone");
        await RestoredAsync(options, random, streams, streamsBefore, appendsBefore, allAfter);
    }

    // What is gone of the whole log is exactly what no read of a stream shows, but for the log's very end.
    private async Task HoldsAsync(EventStoreLog log, List<RecordedEvent> before, List<RecordedEvent> after, ScavengeSummary summary)
    {
        before.Count.ShouldBe(after.Count + (int)summary.EventsRemoved);
        var left = after.ToDictionary(recorded => recorded.Position);
        VisibleLog.Lines(after).ShouldBeSubsetOf(VisibleLog.Lines(before));
        foreach (var ofStream in before.GroupBy(recorded => recorded.StreamId))
        {
            HashSet<long> shown = [];
            try
            {
                await foreach (var recorded in log.ReadStreamAsync(ofStream.Key, cancellation: Late)) shown.Add(recorded.Revision);
            }
            catch (StreamDeletedException)
            {
                // Of a closed stream its tombstone stays, and the newest of its metadata.
                shown.Add(ofStream.Key.StartsWith("$$", StringComparison.Ordinal) ? ofStream.Max(recorded => recorded.Revision) : long.MaxValue);
            }
            foreach (var recorded in ofStream.Where(recorded => recorded != before[^1]))
                left.ContainsKey(recorded.Position).ShouldBe(shown.Contains(recorded.Revision), recorded.ToString());
        }
    }

    private async Task RestoredAsync(
        EmbeddedNodeOptions options, RandomLog random, string[] streams, List<string> streamsBefore, List<string> appendsBefore, List<RecordedEvent> allAfter)
    {
        await LogBackup.RunAsync(Database.ConnectionString, _folder, cancellation: Late);
        await using var database = await TestDatabase.CreateAsync();
        await LogRestore.RunAsync(_folder, database.ConnectionString, cancellation: Late);
        await using var restored = await EmbeddedNode.StartAsync(options with { Postgres = database.ConnectionString }, Late);
        await using var log = EventStoreLog.Connect(restored.ConnectionString);
        var visible = new VisibleLog(restored, log, Late);
        VisibleLog.Lines(await visible.AllAsync()).ShouldBe(VisibleLog.Lines(allAfter));
        (await visible.StreamsAsync(streams)).ShouldBe(streamsBefore);
        (await visible.AppendsAsync(random.Streams, random.Appended)).ShouldBe(appendsBefore);
    }
}
