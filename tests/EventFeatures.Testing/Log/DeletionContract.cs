using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Shouldly;
using Xunit;

namespace EventFeatures.Testing.Log;

/// <summary>Both ways to delete a stream, what they leave, and how they refuse.</summary>
public abstract class DeletionContract(string connectionString) : LogContract(connectionString)
{
    [Fact, Trait("Fact", "25")]
    public async Task A_deleted_stream_is_not_found_until_somebody_appends_again_which_continues_its_revisions()
    {
        await AppendBatchAsync(Batch(Stream(), Events(3)));
        await DeleteAsync(Stream());
        (await ReadWireAsync(ReadRequests.Stream(Stream(), ReadDirection.Forwards, null, 10)))
            .ShouldHaveSingleItem().ContentCase.ShouldBe(ReadResp.ContentOneofCase.StreamNotFound);
        (await ReadWireAsync(ReadRequests.Stream(Stream(), ReadDirection.Backwards, null, 10)))
            .ShouldHaveSingleItem().ContentCase.ShouldBe(ReadResp.ContentOneofCase.StreamNotFound);

        (await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(2), Late)).NextExpectedRevision.ShouldBe(4);

        await EventuallyReadsAsync(Stream(), 3, 4);
    }

    [Fact, Trait("Fact", "25")]
    public async Task A_deleted_stream_takes_its_last_revision_and_any_but_not_another_revision()
    {
        foreach (var key in new[] { "last", "any", "wrong" })
        {
            await AppendBatchAsync(Batch(Stream(key), Events(2)));
            await DeleteAsync(Stream(key));
        }

        (await Log.AppendToStreamAsync(Stream("last"), StreamState.StreamRevision(1), [Event()], Late)).NextExpectedRevision.ShouldBe(2);
        (await Log.AppendToStreamAsync(Stream("any"), StreamState.Any, [Event()], Late)).NextExpectedRevision.ShouldBe(2);
        await Should.ThrowAsync<WrongExpectedVersionException>(() => Log.AppendToStreamAsync(Stream("wrong"), StreamState.StreamRevision(0), [Event()], Late));
        await EventuallyReadsAsync(Stream("last"), 2);
        await EventuallyReadsAsync(Stream("any"), 2);
    }

    [Fact, Trait("Fact", "25")]
    public async Task Deleting_writes_the_largest_truncate_before_into_the_metadata_stream()
    {
        await AppendBatchAsync(Batch(Stream(), Event()));

        var position = await DeleteAsync(Stream());

        var metadata = (await ReadAsync("$$" + Stream())).ShouldHaveSingleItem();
        metadata.Type.ShouldBe("$metadata");
        metadata.Position.Value.ShouldBe(position);
        StreamMetadata.Parse(metadata.Data).TruncateBefore.ShouldBe(long.MaxValue);
    }

    [Fact, Trait("Fact", "25"), Trait("Fact", "13")]
    public async Task A_retry_of_the_append_that_brought_a_stream_back_is_still_one_append()
    {
        await AppendBatchAsync(Batch(Stream(), Events(2)));
        await DeleteAsync(Stream());
        var events = Events(2);
        var first = await Log.AppendToStreamAsync(Stream(), StreamState.Any, events, Late);

        (await Log.AppendToStreamAsync(Stream(), StreamState.Any, events, Late)).ShouldBe(first);
        await EventuallyReadsAsync(Stream(), 2, 3);
    }

    [Fact, Trait("Fact", "25")]
    public async Task A_stream_is_deleted_and_brought_back_again_and_again()
    {
        for (var round = 0; round < 4; round++)
        {
            (await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, [Event()], Late)).NextExpectedRevision.ShouldBe(round);
            await EventuallyReadsAsync(Stream(), round);
            await DeleteAsync(Stream());
        }

        (await ReadAsync(Stream())).ShouldBeEmpty();
    }

    [Fact, Trait("Fact", "25")]
    public async Task The_whole_log_still_has_the_events_of_a_deleted_stream()
    {
        await AppendBatchAsync(Batch(Stream(), Events(3)));
        await DeleteAsync(Stream());

        (await ToListAsync(Log.ReadAllAsync(ReadDirection.Forwards, Position.Start, EventFilter.ByStreamPrefix(Prefix), cancellation: Late)))
            .Select(each => each.Revision).ShouldBe([0L, 1L, 2L]);
    }

    [Fact, Trait("Fact", "25"), Trait("Fact", "15")]
    public async Task A_tombstone_closes_a_stream_for_ever()
    {
        await AppendBatchAsync(Batch(Stream(), Events(2)));

        var position = await TombstoneAsync(Stream());

        await IsClosedAsync(Stream());
        var closing = (await ToListAsync(Log.ReadAllAsync(ReadDirection.Forwards, new Position(position), EventFilter.ByStreamPrefix(Prefix), 1, Late))).ShouldHaveSingleItem();
        closing.Type.ShouldBe("$streamDeleted");
        closing.Revision.ShouldBe(long.MaxValue);
    }

    [Fact, Trait("Fact", "25")]
    public async Task A_stream_that_never_was_can_be_closed_as_well()
    {
        await TombstoneAsync(Stream());

        await IsClosedAsync(Stream());
    }

    [Fact, Trait("Fact", "25")]
    public async Task A_deleted_stream_can_still_be_closed_and_its_metadata_with_it()
    {
        await AppendBatchAsync(Batch(Stream(), Event()));
        await DeleteAsync(Stream());
        await TombstoneAsync(Stream());

        await IsClosedAsync(Stream());
        await Should.ThrowAsync<StreamDeletedException>(() => Log.AppendToStreamAsync("$$" + Stream(), StreamState.Any, [Event("$metadata")], Late));
    }

    [Theory, Trait("Fact", "24")]
    [InlineData(-2L, "-2", "-1")]
    [InlineData(3L, "3", "1")]
    [InlineData(-1L, "-1", "1")]
    public async Task A_deletions_conflict_is_status_9_with_what_was_expected_and_found(long expected, string expectedTrailer, string actualTrailer)
    {
        // Nothing conflicts with any state but that there is nothing to delete.
        if (expected != Expected.Any) await AppendBatchAsync(Batch(Stream(), Events(2)));

        var refused = await Should.ThrowAsync<RpcException>(() => DeleteAsync(Stream(), expected));

        refused.StatusCode.ShouldBe(StatusCode.FailedPrecondition);
        refused.Trailers.GetValue("exception").ShouldBe("wrong-expected-version");
        refused.Trailers.GetValue("stream-name").ShouldBe(Stream());
        refused.Trailers.GetValue("expected-version").ShouldBe(expectedTrailer);
        refused.Trailers.GetValue("actual-version").ShouldBe(actualTrailer);
    }

    [Fact, Trait("Fact", "24")]
    public async Task A_tombstones_conflict_is_status_9_and_leaves_the_stream_open()
    {
        await AppendBatchAsync(Batch(Stream(), Events(2)));
        var request = new TombstoneReq { Options = new TombstoneReq.Types.Options { StreamIdentifier = StreamNames.ToIdentifier(Stream()), Revision = 5 } };

        var refused = await Should.ThrowAsync<RpcException>(() => Wire.TombstoneAsync(request, cancellationToken: Late).ResponseAsync);

        refused.StatusCode.ShouldBe(StatusCode.FailedPrecondition);
        refused.Trailers.GetValue("exception").ShouldBe("wrong-expected-version");
        (await ReadAsync(Stream())).Count.ShouldBe(2);
    }

    [Fact, Trait("Fact", "25")]
    public async Task A_subscription_to_a_deleted_stream_waits_for_what_brings_it_back()
    {
        await AppendBatchAsync(Batch(Stream(), Events(2)));
        await DeleteAsync(Stream());
        var request = ReadRequests.Stream(Stream(), ReadDirection.Forwards, null, 1);
        request.Options.Subscription = new ReadReq.Types.Options.Types.SubscriptionOptions();
        using var call = Wire.Read(request, cancellationToken: Late);
        (await call.ResponseStream.MoveNext(Late)).ShouldBeTrue();
        call.ResponseStream.Current.ContentCase.ShouldBe(ReadResp.ContentOneofCase.Confirmation);

        await AppendBatchAsync(Batch(Stream(), Event()));

        while (await call.ResponseStream.MoveNext(Late))
            if (call.ResponseStream.Current.ContentCase == ReadResp.ContentOneofCase.Event) break;
        call.ResponseStream.Current.Event.Event.StreamRevision.ShouldBe(2ul);
    }

    private async Task IsClosedAsync(string stream)
    {
        var read = await Should.ThrowAsync<RpcException>(() => ReadWireAsync(ReadRequests.Stream(stream, ReadDirection.Forwards, null, 10)));
        read.StatusCode.ShouldBe(StatusCode.FailedPrecondition);
        read.Trailers.GetValue("exception").ShouldBe("stream-deleted");
        read.Trailers.GetValue("stream-name").ShouldBe(stream);
        (await AppendBatchAsync(Batch(stream, Event()))).Error.Details.Is(StreamDeleted.Descriptor).ShouldBeTrue();
        (await Should.ThrowAsync<RpcException>(() => AppendUnaryAsync(stream))).Trailers.GetValue("exception").ShouldBe("stream-deleted");
        (await Should.ThrowAsync<RpcException>(() => DeleteAsync(stream))).Trailers.GetValue("exception").ShouldBe("stream-deleted");
        await Should.ThrowAsync<StreamDeletedException>(() => ReadAsync(stream));
    }

    private async Task AppendUnaryAsync(string stream)
    {
        using var call = Wire.Append(cancellationToken: Late);
        await call.RequestStream.WriteAsync(new AppendReq { Options = new AppendReq.Types.Options { StreamIdentifier = StreamNames.ToIdentifier(stream), Any = new Empty() } }, Late);
        await call.RequestStream.WriteAsync(new AppendReq { ProposedMessage = WireEvents.Unary(Event()) }, Late);
        await call.RequestStream.CompleteAsync();
        await call.ResponseAsync;
    }

    private async Task<ulong> DeleteAsync(string stream, long expected = Expected.Any)
    {
        var options = new DeleteReq.Types.Options { StreamIdentifier = StreamNames.ToIdentifier(stream) };
        if (expected == Expected.Any) options.Any = new Empty();
        else if (expected == Expected.NoStream) options.NoStream = new Empty();
        else options.Revision = (ulong)expected;
        return (await Wire.DeleteAsync(new DeleteReq { Options = options }, cancellationToken: Late)).Position.CommitPosition;
    }

    private async Task<ulong> TombstoneAsync(string stream)
    {
        var options = new TombstoneReq.Types.Options { StreamIdentifier = StreamNames.ToIdentifier(stream), Any = new Empty() };
        return (await Wire.TombstoneAsync(new TombstoneReq { Options = options }, cancellationToken: Late)).Position.CommitPosition;
    }
}
