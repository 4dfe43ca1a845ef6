using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Shouldly;
using Xunit;
using Options = EventFeatures.Log.Protocol.Streaming.ReadReq.Types.Options;

namespace EventFeatures.Testing.Log;

/// <summary>Reads as the official clients ask for them, and the messages that they rely on.</summary>
public abstract class ReadWireContract(string connectionString) : LogContract(connectionString)
{
    [Fact, Trait("Fact", "15")]
    public async Task A_stream_that_does_not_exist_is_told_by_a_message_and_not_by_a_status()
    {
        var message = (await ReadWireAsync(ReadRequests.Stream(Stream(), ReadDirection.Forwards, null, 10))).ShouldHaveSingleItem();

        message.StreamNotFound.StreamIdentifier.StreamName.ToStringUtf8().ShouldBe(Stream());
    }

    [Fact, Trait("Fact", "16")]
    public async Task The_last_revision_follows_the_events_for_clients_that_say_they_understand()
    {
        await AppendBatchAsync(Batch(Stream(), Events(3)));

        var messages = await ReadWireAsync(ReadRequests.Stream(Stream(), ReadDirection.Forwards, null, 10));

        messages.Count(message => message.ContentCase == ReadResp.ContentOneofCase.Event).ShouldBe(3);
        messages[^1].LastStreamPosition.ShouldBe(2ul);
    }

    [Fact, Trait("Fact", "16")]
    public async Task Without_compatibility_only_events_come()
    {
        await AppendBatchAsync(Batch(Stream(), Events(3)));
        var request = ReadRequests.Stream(Stream(), ReadDirection.Forwards, null, 10);
        request.Options.ControlOption = null;

        (await ReadWireAsync(request)).ShouldAllBe(message => message.ContentCase == ReadResp.ContentOneofCase.Event);
    }

    [Fact, Trait("Fact", "5")]
    public async Task Ids_come_in_the_form_that_was_asked_for()
    {
        var data = Event();
        await AppendBatchAsync(Batch(Stream(), data));
        var request = ReadRequests.Stream(Stream(), ReadDirection.Forwards, null, 10);

        (await ReadWireAsync(request))[0].Event.Event.Id.ShouldBe(Uuids.Structured(data.EventId));
        request.Options.UuidOption = new Options.Types.UUIDOption { String = new Empty() };
        (await ReadWireAsync(request))[0].Event.Event.Id.ShouldBe(Uuids.Text(data.EventId));
    }

    [Fact, Trait("Fact", "6"), Trait("Fact", "18")]
    public async Task An_event_carries_type_time_content_type_and_equal_positions()
    {
        await AppendBatchAsync(Batch(Stream(), Event()));

        var message = (await ReadWireAsync(ReadRequests.Stream(Stream(), ReadDirection.Forwards, null, 1)))[0].Event;

        message.Event.Metadata["type"].ShouldBe("Tested");
        message.Event.Metadata["content-type"].ShouldBe("application/json");
        long.Parse(message.Event.Metadata["created"], System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
        message.Event.CommitPosition.ShouldBe(message.Event.PreparePosition);
        message.CommitPosition.ShouldBe(message.Event.CommitPosition);
        message.Link.ShouldBeNull();
    }

    [Fact, Trait("Fact", "17")]
    public async Task Start_may_be_the_position_zero_and_the_end_the_largest_and_the_count_huge()
    {
        await AppendBatchAsync(Batch(Stream(), Events(2)));
        var forwards = ReadRequests.All(ReadDirection.Forwards, Position.Start, EventFilter.ByStreamPrefix(Prefix), long.MaxValue);
        forwards.Options.All.Position = new Options.Types.Position();
        var backwards = ReadRequests.All(ReadDirection.Backwards, Position.End, EventFilter.ByStreamPrefix(Prefix), 2);
        backwards.Options.All.Position = new Options.Types.Position { CommitPosition = ulong.MaxValue, PreparePosition = ulong.MaxValue };

        Revisions(await ReadWireAsync(forwards)).ShouldBe([0ul, 1ul]);
        Revisions(await ReadWireAsync(backwards)).ShouldBe([1ul, 0ul]);
    }

    [Theory]
    [InlineData(true, "^contract[0-9a-f]+-(a|c)$", 2)]
    [InlineData(true, @"^(?!\$).*-b$", 1)]
    [InlineData(false, "^(Alpha|Gamma)", 2)]
    public async Task The_whole_log_is_filtered_by_a_regular_expression(bool byStream, string regex, int count)
    {
        foreach (var (key, type) in new[] { ("a", "Alpha"), ("b", "Beta"), ("c", "Gamma") })
            await AppendBatchAsync(Batch(Stream(key), Event(type + Prefix)));
        var pattern = regex.Replace("contract[0-9a-f]+", Prefix, StringComparison.Ordinal);
        var request = ReadRequests.All(ReadDirection.Forwards, Position.Start, EventFilter.ByStreamPrefix("x"), long.MaxValue);
        var expression = new Options.Types.FilterOptions.Types.Expression { Regex = pattern };
        if (byStream) request.Options.Filter.StreamIdentifier = expression;
        else request.Options.Filter.EventType = expression;

        (await ReadWireAsync(request)).Count(message => message.ContentCase == ReadResp.ContentOneofCase.Event
            && message.Event.Event.StreamIdentifier.StreamName.ToStringUtf8().StartsWith(Prefix, StringComparison.Ordinal)).ShouldBe(count);
    }

    [Fact, Trait("Fact", "14")]
    public async Task A_read_that_lacks_what_it_needs_is_an_invalid_argument()
    {
        await AppendBatchAsync(Batch(Stream(), Event()));
        var noCount = ReadRequests.Stream(Stream(), ReadDirection.Forwards, null, 1);
        noCount.Options.ClearCountOption();
        var noFilter = ReadRequests.Stream(Stream(), ReadDirection.Forwards, null, 1);
        noFilter.Options.ClearFilterOption();

        foreach (var request in new[] { noCount, noFilter })
            (await Should.ThrowAsync<RpcException>(() => ReadWireAsync(request))).StatusCode.ShouldBe(StatusCode.InvalidArgument);
    }

    [Fact, Trait("Fact", "14")]
    public async Task A_count_of_zero_is_status_2() =>
        (await Should.ThrowAsync<RpcException>(() => ReadWireAsync(ReadRequests.Stream(Stream(), ReadDirection.Forwards, null, 0))))
            .StatusCode.ShouldBe(StatusCode.Unknown);

    private static IEnumerable<ulong> Revisions(List<ReadResp> messages) =>
        messages.Where(message => message.ContentCase == ReadResp.ContentOneofCase.Event).Select(message => message.Event.Event.StreamRevision);
}
