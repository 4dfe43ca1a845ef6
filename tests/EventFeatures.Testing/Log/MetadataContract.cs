using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.Protocol.Streaming;
using EventFeatures.Testing.Specs;
using Shouldly;
using Xunit;

namespace EventFeatures.Testing.Log;

/// <summary>Stream metadata: how long events can be read. Nothing of it moves a revision or a position.</summary>
public abstract class MetadataContract(string connectionString) : LogContract(connectionString)
{
    [Theory, Trait("Fact", "25")]
    [InlineData("""{"$tb":3}""", new long[] { 3, 4, 5 })]
    [InlineData("""{"$maxCount":2}""", new long[] { 4, 5 })]
    [InlineData("""{"$maxCount":4,"$tb":5}""", new long[] { 5 })]
    [InlineData("""{"$maxAge":86400}""", new long[] { 0, 1, 2, 3, 4, 5 })]
    [InlineData("""{"$tb":6}""", new long[0])]
    [InlineData("""{"owner":"ops"}""", new long[] { 0, 1, 2, 3, 4, 5 })]
    public async Task A_stream_is_read_as_far_as_its_metadata_leaves_it(string metadata, long[] revisions)
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(6), Late);
        await SetAsync(metadata);

        await EventuallyReadsAsync(Stream(), revisions);
        (await ToListAsync(Log.ReadStreamAsync(Stream(), ReadDirection.Backwards, cancellation: Late)))
            .Select(each => each.Revision).ShouldBe(revisions.Reverse());
        (await SubscribedAsync()).ShouldBe(revisions);
    }

    [Fact, Trait("Fact", "25")]
    public async Task What_is_past_its_age_is_not_read()
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(3), Late);
        await SetAsync("""{"$maxAge":1}""");

        // A read may come after the second that an event has; then another event is tried, once the last is past its age.
        List<long> found = [];
        var newest = 2L;
        await Eventually.TrueAsync(
            async () =>
            {
                await EventuallyReadsAsync(Stream());
                await Log.AppendToStreamAsync(Stream(), StreamState.StreamRevision(newest++), [Event()], Late);
                found = [.. (await ReadAsync(Stream())).Select(each => each.Revision)];
                return found.SequenceEqual([newest]);
            },
            Deadline / 2, () => $"'{Stream()}' reads as [{string.Join(", ", found)}] instead of [{newest}].");
    }

    [Fact, Trait("Fact", "25")]
    public async Task Retention_hides_nothing_of_the_whole_log_and_appends_continue()
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(4), Late);
        await SetAsync("""{"$maxCount":1}""");

        (await Log.AppendToStreamAsync(Stream(), StreamState.StreamRevision(3), [Event()], Late)).NextExpectedRevision.ShouldBe(4);

        await EventuallyReadsAsync(Stream(), 4);
        (await ToListAsync(Log.ReadAllAsync(ReadDirection.Forwards, Position.Start, EventFilter.ByStreamPrefix(Prefix), cancellation: Late)))
            .Select(each => each.Revision).ShouldBe([0L, 1L, 2L, 3L, 4L]);
    }

    [Fact, Trait("Fact", "25")]
    public async Task Only_the_newest_metadata_counts()
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(4), Late);
        await SetAsync("""{"$maxCount":1}""");
        await SetAsync("""{"$maxCount":3}""");

        await EventuallyReadsAsync(Stream(), 1, 2, 3);
        (await ReadAsync("$$" + Stream())).ShouldHaveSingleItem().Revision.ShouldBe(1);
    }

    [Theory, Trait("Fact", "6")]
    [InlineData("not json")]
    [InlineData("""{"$maxCount":"many"}""")]
    [InlineData("""{"$maxCount":-4}""")]
    [InlineData("[]")]
    public async Task Metadata_that_cannot_be_understood_is_kept_and_bounds_nothing(string metadata)
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(2), Late);
        await SetAsync(metadata);

        await EventuallyReadsAsync(Stream(), 0, 1);
    }

    [Fact, Trait("Fact", "16"), Trait("Fact", "25")]
    public async Task Where_the_first_page_is_truncated_away_a_client_is_told_where_the_stream_goes_on()
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(100), Late);
        await SetAsync("""{"$tb":90}""");
        await EventuallyReadsAsync(Stream(), [.. Enumerable.Range(90, 10).Select(revision => (long)revision)]);

        var messages = await ReadWireAsync(ReadRequests.Stream(Stream(), ReadDirection.Forwards, null, 3));

        messages[0].FirstStreamPosition.ShouldBe(90ul);
        messages.Count(message => message.ContentCase == ReadResp.ContentOneofCase.Event).ShouldBe(3);
        messages[1].Event.Event.StreamRevision.ShouldBe(90ul);
        messages[^1].LastStreamPosition.ShouldBe(99ul);
    }

    private Task SetAsync(string json) => Log.AppendToStreamAsync("$$" + Stream(), StreamState.Any, [Event("$metadata", json)], Late);

    private async Task<List<long>> SubscribedAsync()
    {
        var request = ReadRequests.Stream(Stream(), ReadDirection.Forwards, null, 1);
        request.Options.Subscription = new ReadReq.Types.Options.Types.SubscriptionOptions();
        using var call = Wire.Read(request, cancellationToken: Late);
        List<long> revisions = [];
        while (await call.ResponseStream.MoveNext(Late) && call.ResponseStream.Current.ContentCase != ReadResp.ContentOneofCase.CaughtUp)
            if (call.ResponseStream.Current.ContentCase == ReadResp.ContentOneofCase.Event) revisions.Add((long)call.ResponseStream.Current.Event.Event.StreamRevision);
        return revisions;
    }
}
