using EventFeatures.Core.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.Testing.Log;

/// <summary>Reads of streams and of the whole log.</summary>
public abstract class ReadContract(string connectionString) : LogContract(connectionString)
{
    [Fact]
    public async Task A_stream_that_does_not_exist_has_no_events() => (await ReadAsync(Stream())).ShouldBeEmpty();

    [Theory]
    [InlineData(ReadDirection.Forwards, null, long.MaxValue, new long[] { 0, 1, 2, 3, 4 })]
    [InlineData(ReadDirection.Forwards, 2L, long.MaxValue, new long[] { 2, 3, 4 })]
    [InlineData(ReadDirection.Forwards, 1L, 2L, new long[] { 1, 2 })]
    [InlineData(ReadDirection.Forwards, 5L, long.MaxValue, new long[0])]
    [InlineData(ReadDirection.Backwards, null, long.MaxValue, new long[] { 4, 3, 2, 1, 0 })]
    [InlineData(ReadDirection.Backwards, 2L, long.MaxValue, new long[] { 2, 1, 0 })]
    [InlineData(ReadDirection.Backwards, null, 1L, new long[] { 4 })]
    [InlineData(ReadDirection.Backwards, 0L, 10L, new long[] { 0 })]
    public async Task A_stream_is_read_from_a_revision_which_is_included(ReadDirection direction, long? from, long countMax, long[] revisions)
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(5), Late);

        (await ToListAsync(Log.ReadStreamAsync(Stream(), direction, from, countMax, cancellation: Late))).Select(recorded => recorded.Revision).ShouldBe(revisions);
    }

    [Fact, Trait("Fact", "18")]
    public async Task Forwards_a_position_includes_its_event_and_backwards_it_does_not()
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(3), Late);
        var recorded = await ReadAsync(Stream());
        var filter = EventFilter.ByStreamPrefix(Prefix);

        (await ToListAsync(Log.ReadAllAsync(ReadDirection.Forwards, recorded[1].Position, filter, cancellation: Late)))
            .Select(each => each.Revision).ShouldBe([1L, 2L]);
        (await ToListAsync(Log.ReadAllAsync(ReadDirection.Backwards, recorded[1].Position, filter, 1, Late)))
            .Select(each => each.Revision).ShouldBe([0L]);
    }

    [Fact]
    public async Task The_whole_log_gives_the_events_of_all_streams_in_one_order()
    {
        for (var round = 0; round < 3; round++)
            foreach (var key in new[] { "a", "b" }) await Log.AppendToStreamAsync(Stream(key), StreamState.Any, [Event()], Late);

        var forwards = await ToListAsync(Log.ReadAllAsync(ReadDirection.Forwards, Position.Start, EventFilter.ByStreamPrefix(Prefix), cancellation: Late));
        var backwards = await ToListAsync(Log.ReadAllAsync(ReadDirection.Backwards, Position.End, EventFilter.ByStreamPrefix(Prefix), 6, Late));

        forwards.Select(each => each.StreamId).ShouldBe([Stream("a"), Stream("b"), Stream("a"), Stream("b"), Stream("a"), Stream("b")]);
        forwards.Select(each => each.Position.Value).ShouldBeInOrder(SortDirection.Ascending);
        backwards.Select(each => each.Position).ShouldBe(forwards.AsEnumerable().Reverse().Select(each => each.Position));
    }

    [Fact]
    public async Task A_filter_by_type_gives_the_events_of_these_types_alone()
    {
        var type = "Type" + Prefix;
        await Log.AppendToStreamAsync(Stream(), StreamState.Any, [Event(type + "A"), Event("Other"), Event(type + "B")], Late);

        (await ToListAsync(Log.ReadAllAsync(ReadDirection.Forwards, Position.Start, EventFilter.ByTypePrefix(type), cancellation: Late)))
            .Select(each => each.Type).ShouldBe([type + "A", type + "B"]);
    }

    [Fact, Trait("Fact", "18")]
    public async Task Past_the_end_there_is_nothing()
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.Any, [Event()], Late);

        (await ToListAsync(Log.ReadAllAsync(ReadDirection.Forwards, Position.End, cancellation: Late))).ShouldBeEmpty();
        (await ToListAsync(Log.ReadAllAsync(ReadDirection.Backwards, Position.Start, cancellation: Late))).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_head_is_at_or_after_the_last_append()
    {
        var appended = await Log.AppendToStreamAsync(Stream(), StreamState.Any, [Event()], Late);

        (await Log.ReadHeadAsync(Late))!.Value.ShouldBeGreaterThanOrEqualTo(appended.Position);
    }

    [Fact]
    public async Task A_long_stream_is_read_whole_in_both_directions()
    {
        for (var part = 0; part < 6; part++) await Log.AppendToStreamAsync(Stream(), StreamState.Any, Events(500), Late);

        (await ReadAsync(Stream())).Select(each => each.Revision).ShouldBe(Enumerable.Range(0, 3000).Select(revision => (long)revision));
        (await ToListAsync(Log.ReadStreamAsync(Stream(), ReadDirection.Backwards, cancellation: Late)))
            .Select(each => each.Revision).ShouldBe(Enumerable.Range(0, 3000).Reverse().Select(revision => (long)revision));
    }

    [Fact]
    public async Task A_read_that_is_left_early_ends()
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(500), Late);

        await foreach (var recorded in Log.ReadStreamAsync(Stream(), cancellation: Late))
            if (recorded.Revision == 3) break;

        (await Log.AppendToStreamAsync(Stream(), StreamState.StreamRevision(499), [Event()], Late)).NextExpectedRevision.ShouldBe(500);
    }
}
