using System.IO.Pipelines;
using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.EmbeddedNode.Reading;
using Npgsql;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log;

/// <summary>A read of which few events pass the filter.</summary>
public sealed class FilteredReadTests : NodeTestBase
{
    // More than storage looks at in one statement.
    private const int Events = 20_000;

    [Fact]
    public async Task What_passes_is_sent_before_the_rest_of_the_log_is_gone_through()
    {
        await using (var node = await EmbeddedNode.StartAsync(Options, Late))
        await using (var log = EventStoreLog.Connect(node.ConnectionString)) await FillAsync(log);
        await using var storage = NpgsqlDataSource.Create(Database.ConnectionString);
        var tail = new LogTail(bytesMax: 0);
        tail.Reset(Events);
        var reader = new LogReader(new EventPages(storage, null!), null!, null!, tail);
        var request = ReadRequest.Check(ReadRequests.All(ReadDirection.Forwards, Position.Start, EventFilter.ByStreamPrefix("rare-1"), long.MaxValue));
        var sent = new CountingPipe();

        await reader.ReadAsync(request, new EventFrames(sent, structuredIds: true), Late);

        sent.Flushed[0].ShouldBeGreaterThan(0, "the event");
        sent.Flushed[1..].ShouldNotBeEmpty();
        sent.Flushed[1..].ShouldAllBe(bytes => bytes == 0, "nothing after it");
    }

    [Fact]
    public async Task A_filter_takes_the_same_in_both_directions_from_anywhere_and_over_the_bounds_of_parts()
    {
        await using var node = await EmbeddedNode.StartAsync(Options with { PartitionEvents = 7_000 }, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await FillAsync(log);
        var all = await AllAsync(log);
        (EventFilter Filter, Func<RecordedEvent, bool> Passes)[] filters =
        [
            (EventFilter.ByStreamPrefix("rare-"), recorded => recorded.StreamId.StartsWith("rare-", StringComparison.Ordinal)),
            (EventFilter.ByStreamPrefix("rare-2", "nothing-"), recorded => recorded.StreamId == "rare-2"),
            (EventFilter.ByStreamPrefix("common-"), recorded => recorded.StreamId == "common-1"),
            (EventFilter.ByTypePrefix("Odd"), recorded => recorded.Type == "Odd"),
            (EventFilter.ByTypePrefix("odd", "\0"), _ => false),
        ];
        foreach (var (filter, passes) in filters)
            foreach (var from in new ulong[] { 0, 1, 2, 3_617, 6_999, 7_000, 16_384, 16_385, Events, Events + 1, long.MaxValue })
                foreach (var count in new[] { 1L, 3, 5_000, long.MaxValue })
                {
                    var expected = all.Where(passes).Select(recorded => recorded.Position.Value).ToList();
                    (await ReadAsync(ReadDirection.Forwards, filter, from, count)).ShouldBe(expected.Where(position => position >= from).Take((int)Math.Min(count, int.MaxValue)));
                    (await ReadAsync(ReadDirection.Backwards, filter, from, count)).ShouldBe(expected.Where(position => position < from).Reverse().Take((int)Math.Min(count, int.MaxValue)));
                }

        async Task<List<ulong>> ReadAsync(ReadDirection direction, EventFilter filter, ulong from, long count) =>
            await log.ReadAllAsync(direction, new Position(from), filter, count, Late).Select(recorded => recorded.Position.Value).ToListAsync(Late);
    }

    [Fact]
    public async Task A_filtered_subscription_tells_how_far_it_looked_and_goes_on_live()
    {
        await using var node = await EmbeddedNode.StartAsync(Options, Late);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        await FillAsync(log);
        List<LogMessage> messages = [];
        await foreach (var message in log.SubscribeToAll(FromAll.Start, EventFilter.ByStreamPrefix("rare-2"), Late))
        {
            messages.Add(message);
            if (message is LogMessage.CaughtUp) await log.AppendToStreamAsync("rare-2", StreamState.Any, [Event()], Late);
            if (message is LogMessage.Event { Recorded.Position.Value: > Events }) break;
        }

        var caughtUp = messages.FindIndex(message => message is LogMessage.CaughtUp);
        messages[caughtUp - 1].ShouldBeOfType<LogMessage.Checkpoint>().Position.ShouldBe(new Position(Events));
        var seen = messages.Select(message => message switch
        {
            LogMessage.Event { Recorded.Position: var position } => position.Value,
            LogMessage.Checkpoint { Position: var position } => position.Value,
            _ => 0ul,
        }).Where(position => position > 0).ToList();
        seen.ShouldBe([.. seen.Order()], "positions only grow");
        messages.OfType<LogMessage.Event>().Count().ShouldBe(3);
    }

    /// <summary>A stream of one event at the start, one of two events further on, and of the many others some of another type.</summary>
    private async Task FillAsync(EventStoreLog log)
    {
        await log.AppendToStreamAsync("rare-1", StreamState.Any, [Event()], Late);
        await AppendCommonAsync(8_000);
        await log.AppendToStreamAsync("rare-2", StreamState.Any, [Event()], Late);
        await AppendCommonAsync(10_000);
        await log.AppendToStreamAsync("rare-2", StreamState.Any, [Event()], Late);
        await AppendCommonAsync(Events - 18_003);

        async Task AppendCommonAsync(int count)
        {
            foreach (var some in Enumerable.Range(0, count).Chunk(500))
                await log.AppendToStreamAsync("common-1", StreamState.Any, [.. some.Select(number => number % 3_617 == 0 ? Event() with { Type = "Odd" } : Event())], Late);
        }
    }

    /// <summary>Keeps how many bytes each flush sends.</summary>
    private sealed class CountingPipe : PipeWriter
    {
        private byte[] _room = new byte[4096];
        private int _written;

        public List<int> Flushed { get; } = [];

        public override Memory<byte> GetMemory(int sizeHint = 0) => _room.Length >= sizeHint ? _room : _room = new byte[sizeHint];

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes) => _written += bytes;

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            Flushed.Add(_written);
            _written = 0;
            return new(new FlushResult(isCanceled: false, isCompleted: false));
        }

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }
    }
}
