using EventFeatures.Core.Events;
using EventFeatures.Testing.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Events;

public sealed class InMemoryLogTests
{
    private readonly InMemoryLog _log = new();
    private readonly EventData _first = new(Guid.NewGuid(), "A", new byte[] { 1 });
    private readonly EventData _second = new(Guid.NewGuid(), "B", new byte[] { 2 });

    [Fact]
    public async Task An_exact_retry_gets_the_first_answer_and_adds_nothing()
    {
        foreach (var expected in new[] { StreamState.NoStream, StreamState.Any })
        {
            var stream = "s-" + expected;
            var first = await _log.AppendToStreamAsync(stream, expected, [_first, _second]);
            (await _log.AppendToStreamAsync(stream, expected, [_first, _second])).ShouldBe(first);
            (await _log.ReadStreamAsync(stream).CountAsync()).ShouldBe(2);
        }
    }

    [Fact]
    public async Task A_retried_prefix_with_a_new_event_is_refused()
    {
        await _log.AppendToStreamAsync("s-1", StreamState.Any, [_first]);
        await Should.ThrowAsync<WrongExpectedVersionException>(() => _log.AppendToStreamAsync("s-1", StreamState.Any, [_first, _second]));
    }

    [Fact]
    public async Task An_unmet_expectation_is_refused_with_the_actual_revision()
    {
        await _log.AppendToStreamAsync("s-1", StreamState.NoStream, [_first]);
        var refused = await Should.ThrowAsync<WrongExpectedVersionException>(
            () => _log.AppendToStreamAsync("s-1", StreamState.NoStream, [_second]));
        refused.ActualRevision.ShouldBe(0);
        await Should.ThrowAsync<WrongExpectedVersionException>(
            () => _log.AppendToStreamAsync("s-2", StreamState.StreamExists, [_second]));
    }

    [Fact]
    public async Task A_subscription_delivers_history_then_what_is_appended_later()
    {
        await _log.AppendToStreamAsync("s-1", StreamState.Any, [_first]);
        var seen = new List<string>();
        await foreach (var message in _log.SubscribeToAll(FromAll.Start))
        {
            if (message is LogMessage.Event recorded) seen.Add(recorded.Recorded.Type);
            if (message is LogMessage.CaughtUp) await _log.AppendToStreamAsync("s-1", StreamState.Any, [_second]);
            if (seen.Count == 2) break;
        }
        seen.ShouldBe(["A", "B"]);
    }

    [Fact]
    public async Task Reading_backwards_excludes_the_position_that_reading_forwards_includes()
    {
        await _log.AppendToStreamAsync("s-1", StreamState.Any, [_first, _second]);
        (await _log.ReadAllAsync(ReadDirection.Forwards, new Position(2)).Select(recorded => recorded.Type).ToListAsync()).ShouldBe(["B"]);
        (await _log.ReadAllAsync(ReadDirection.Backwards, new Position(2)).Select(recorded => recorded.Type).ToListAsync()).ShouldBe(["A"]);
    }

    [Fact]
    public async Task A_deleted_stream_is_empty_until_an_append_that_continues_its_revisions()
    {
        await _log.AppendToStreamAsync("s-1", StreamState.NoStream, [_first]);
        await _log.DeleteStreamAsync("s-1", StreamState.StreamRevision(0));
        (await _log.ReadStreamAsync("s-1").CountAsync()).ShouldBe(0);

        (await _log.AppendToStreamAsync("s-1", StreamState.NoStream, [_second])).NextExpectedRevision.ShouldBe(1);

        (await _log.ReadStreamAsync("s-1").Select(recorded => recorded.Revision).ToListAsync()).ShouldBe([1L]);
        await Should.ThrowAsync<WrongExpectedVersionException>(() => _log.DeleteStreamAsync("s-2", StreamState.Any));
    }

    [Fact]
    public async Task A_tombstone_closes_a_stream_and_ends_its_subscriptions()
    {
        await _log.AppendToStreamAsync("s-1", StreamState.NoStream, [_first]);
        await using var messages = _log.SubscribeToStream("s-1", FromStream.Start).GetAsyncEnumerator();
        (await messages.MoveNextAsync()).ShouldBeTrue();
        (await messages.MoveNextAsync()).ShouldBeTrue();

        await _log.TombstoneStreamAsync("s-1", StreamState.Any);

        await Should.ThrowAsync<StreamDeletedException>(async () => await messages.MoveNextAsync());
        await Should.ThrowAsync<StreamDeletedException>(() => _log.AppendToStreamAsync("s-1", StreamState.Any, [_second]));
        _log.Events[^1].Revision.ShouldBe(long.MaxValue);
    }

    [Fact]
    public async Task Metadata_bounds_what_is_read()
    {
        await _log.AppendToStreamAsync("s-1", StreamState.NoStream, [_first, _second]);
        await _log.SetStreamMetadataAsync("s-1", StreamState.NoStream, new StreamMetadata { MaxCount = 1 });

        (await _log.ReadStreamAsync("s-1").Select(recorded => recorded.Revision).ToListAsync()).ShouldBe([1L]);
        (await _log.GetStreamMetadataAsync("s-1")).Revision.ShouldBe(0);
    }
}
