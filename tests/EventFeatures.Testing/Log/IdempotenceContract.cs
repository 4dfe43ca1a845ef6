using EventFeatures.Core.Events;
using EventFeatures.Log.Protocol.Streaming;
using Shouldly;
using Xunit;

namespace EventFeatures.Testing.Log;

/// <summary>What an append that comes again does.</summary>
public abstract class IdempotenceContract(string connectionString) : LogContract(connectionString)
{
    [Fact, Trait("Fact", "13")]
    public async Task An_exact_retry_answers_as_the_first_time_whatever_it_expects()
    {
        var events = Events(3);
        var first = await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, events, Late);
        await Log.AppendToStreamAsync(Stream(), StreamState.StreamRevision(2), Events(2), Late);

        (await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, events, Late)).ShouldBe(first);
        (await Log.AppendToStreamAsync(Stream(), StreamState.Any, events, Late)).ShouldBe(first);
        (await ReadAsync(Stream())).Count.ShouldBe(5);
    }

    [Fact, Trait("Fact", "13")]
    public async Task An_exact_retry_in_the_middle_of_a_stream_answers_as_the_first_time()
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(2), Late);
        var events = Events(2);
        var first = await Log.AppendToStreamAsync(Stream(), StreamState.StreamRevision(1), events, Late);
        await Log.AppendToStreamAsync(Stream(), StreamState.StreamRevision(3), Events(4), Late);

        (await Log.AppendToStreamAsync(Stream(), StreamState.StreamRevision(1), events, Late)).ShouldBe(first);
        (await Log.AppendToStreamAsync(Stream(), StreamState.Any, events, Late)).ShouldBe(first);
    }

    [Fact, Trait("Fact", "13")]
    public async Task A_retried_prefix_with_a_new_event_is_refused()
    {
        var events = Events(2);
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, events, Late);

        await Should.ThrowAsync<WrongExpectedVersionException>(() => Log.AppendToStreamAsync(Stream(), StreamState.NoStream, [.. events, Event()], Late));
        await Should.ThrowAsync<WrongExpectedVersionException>(() => Log.AppendToStreamAsync(Stream(), StreamState.Any, [.. events, Event()], Late));
        (await ReadAsync(Stream())).Count.ShouldBe(2);
    }

    [Fact, Trait("Fact", "13")]
    public async Task The_prefix_of_an_append_alone_is_a_retry()
    {
        var events = Events(3);
        var whole = await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, events, Late);

        var part = await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, [.. events.Take(2)], Late);

        part.NextExpectedRevision.ShouldBe(1);
        part.Position.ShouldBeLessThan(whole.Position);
    }

    [Fact, Trait("Fact", "13")]
    public async Task Of_an_id_that_was_appended_twice_either_append_can_be_retried()
    {
        var twice = Event();
        var first = await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, [twice], Late);
        var second = await Log.AppendToStreamAsync(Stream(), StreamState.StreamRevision(0), [twice], Late);
        await Log.AppendToStreamAsync(Stream(), StreamState.StreamRevision(1), Events(1), Late);

        (await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, [twice], Late)).ShouldBe(first);
        (await Log.AppendToStreamAsync(Stream(), StreamState.StreamRevision(0), [twice], Late)).ShouldBe(second);
        await Should.ThrowAsync<WrongExpectedVersionException>(() => Log.AppendToStreamAsync(Stream(), StreamState.StreamRevision(1), [twice], Late));
    }

    [Fact, Trait("Fact", "13")]
    public async Task An_append_that_holds_an_id_twice_can_be_retried()
    {
        var twice = Event();
        EventData[] events = [twice, Event(), twice];
        var first = await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, events, Late);

        (await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, events, Late)).ShouldBe(first);
        await Should.ThrowAsync<WrongExpectedVersionException>(() => Log.AppendToStreamAsync(Stream(), StreamState.NoStream, [twice, twice, twice], Late));
    }

    [Fact, Trait("Fact", "13")]
    public async Task An_append_that_holds_an_id_twice_can_be_retried_while_it_is_under_way()
    {
        var twice = Event();
        using var call = Wire.BatchAppend(cancellationToken: Late);
        HashSet<ulong> positions = [];
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var batch = Batch(Stream(), twice, twice);
            batch.Options.NoStream = new Google.Protobuf.WellKnownTypes.Empty();
            await call.RequestStream.WriteAsync(batch, Late);
        }
        for (var answer = 0; answer < 3 && await call.ResponseStream.MoveNext(Late); answer++)
            positions.Add(call.ResponseStream.Current.Success?.Position.CommitPosition ?? 0);

        positions.ShouldHaveSingleItem().ShouldBeGreaterThan(0ul);
        (await ReadAsync(Stream())).Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_same_id_in_two_streams_is_two_events()
    {
        var data = Event();

        await Log.AppendToStreamAsync(Stream("a"), StreamState.Any, [data], Late);
        await Log.AppendToStreamAsync(Stream("b"), StreamState.Any, [data], Late);

        (await ReadAsync(Stream("b"))).ShouldHaveSingleItem().EventId.ShouldBe(data.EventId);
    }

    [Fact]
    public async Task Of_retries_at_the_same_time_one_event_remains()
    {
        var data = Event();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Log.AppendToStreamAsync(Stream(), StreamState.Any, [data], Late)));

        answers.Distinct().ShouldHaveSingleItem();
        (await ReadAsync(Stream())).ShouldHaveSingleItem();
    }

    [Fact, Trait("Fact", "13")]
    public async Task An_empty_append_answers_no_stream_with_a_position_and_creates_nothing()
    {
        var answer = await AppendBatchAsync(Batch(Stream()));

        answer.Success.CurrentRevisionOptionCase.ShouldBe(BatchAppendResp.Types.Success.CurrentRevisionOptionOneofCase.NoStream);
        answer.Success.PositionOptionCase.ShouldBe(BatchAppendResp.Types.Success.PositionOptionOneofCase.Position);
        (await ReadAsync(Stream())).ShouldBeEmpty();
    }
}
