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
    [Fact]
    public async Task What_passes_is_sent_before_the_rest_of_the_log_is_gone_through()
    {
        await using (var node = await EmbeddedNode.StartAsync(Options, Late))
        await using (var log = EventStoreLog.Connect(node.ConnectionString))
        {
            await log.AppendToStreamAsync("rare-1", StreamState.Any, [Event()], Late);
            for (var round = 0; round < 4; round++) await log.AppendToStreamAsync("common-1", StreamState.Any, [.. Enumerable.Range(0, 500).Select(_ => Event())], Late);
        }
        await using var storage = NpgsqlDataSource.Create(Database.ConnectionString);
        var reader = new LogReader(new EventPages(storage, null!), null!, null!);
        var request = ReadRequest.Check(ReadRequests.All(ReadDirection.Forwards, Position.Start, EventFilter.ByStreamPrefix("rare-"), long.MaxValue));
        var sent = new CountingPipe();

        await reader.ReadAsync(request, new EventFrames(sent, structuredIds: true), Late);

        sent.Flushed[0].ShouldBeGreaterThan(0, "the event");
        sent.Flushed[1..].ShouldNotBeEmpty();
        sent.Flushed[1..].ShouldAllBe(bytes => bytes == 0, "nothing after it");
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
