using EventFeatures.Core.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.Testing.Log;

/// <summary>Deletion, metadata, links and subscriptions of one stream, through the client.</summary>
public abstract class StreamEndContract(string connectionString) : LogContract(connectionString)
{
    [Fact, Trait("Fact", "25")]
    public async Task A_stream_is_deleted_in_its_expected_state_and_appended_to_again()
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(3), Late);
        (await Should.ThrowAsync<WrongExpectedVersionException>(() => Log.DeleteStreamAsync(Stream(), StreamState.StreamRevision(1), Late))).ActualRevision.ShouldBe(2);

        var deleted = await Log.DeleteStreamAsync(Stream(), StreamState.StreamRevision(2), Late);

        (await ReadAsync(Stream())).ShouldBeEmpty();
        deleted.ShouldBeLessThanOrEqualTo((await Log.ReadHeadAsync(Late))!.Value);
        (await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, [Event()], Late)).NextExpectedRevision.ShouldBe(3);
        await EventuallyReadsAsync(Stream(), 3);
    }

    [Fact, Trait("Fact", "24")]
    public async Task There_is_nothing_to_delete_of_a_stream_that_never_was() =>
        (await Should.ThrowAsync<WrongExpectedVersionException>(() => Log.DeleteStreamAsync(Stream(), StreamState.Any, Late))).ActualRevision.ShouldBeNull();

    [Fact, Trait("Fact", "25")]
    public async Task A_closed_stream_refuses_everything()
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(2), Late);

        await Log.TombstoneStreamAsync(Stream(), StreamState.StreamExists, Late);

        await Should.ThrowAsync<StreamDeletedException>(() => ReadAsync(Stream()));
        await Should.ThrowAsync<StreamDeletedException>(() => Log.AppendToStreamAsync(Stream(), StreamState.Any, [Event()], Late));
        await Should.ThrowAsync<StreamDeletedException>(() => Log.DeleteStreamAsync(Stream(), StreamState.Any, Late));
        await Should.ThrowAsync<StreamDeletedException>(() => Log.TombstoneStreamAsync(Stream(), StreamState.Any, Late));
        await Should.ThrowAsync<StreamDeletedException>(() => ToListAsync(Log.SubscribeToStream(Stream(), FromStream.Start, cancellation: Late)));
    }

    [Fact, Trait("Fact", "25"), Trait("Fact", "7")]
    public async Task Metadata_is_set_in_its_own_expected_state_and_read_back_whole()
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(5), Late);
        (await Log.GetStreamMetadataAsync(Stream(), Late)).ShouldBe(new StreamMetadataAt(StreamMetadata.None, null));
        var metadata = StreamMetadata.Parse("""{"$maxCount":2,"$maxAge":86400,"$cacheControl":60,"$acl":{"$r":"ops"},"owner":{"team":"fraud"}}"""u8.ToArray());

        (await Log.SetStreamMetadataAsync(Stream(), StreamState.NoStream, metadata, Late)).NextExpectedRevision.ShouldBe(0);

        var read = await Log.GetStreamMetadataAsync(Stream(), Late);
        read.Revision.ShouldBe(0);
        read.Metadata.MaxCount.ShouldBe(2);
        read.Metadata.MaxAge.ShouldBe(TimeSpan.FromDays(1));
        read.Metadata.CacheControl.ShouldBe(TimeSpan.FromMinutes(1));
        read.Metadata.Acl!["$r"]!.GetValue<string>().ShouldBe("ops");
        read.Metadata.Custom["owner"]!["team"]!.GetValue<string>().ShouldBe("fraud");
        await EventuallyReadsAsync(Stream(), 3, 4);
        await Should.ThrowAsync<WrongExpectedVersionException>(() => Log.SetStreamMetadataAsync(Stream(), StreamState.NoStream, StreamMetadata.None, Late));
        await Log.SetStreamMetadataAsync(Stream(), StreamState.StreamRevision(0), StreamMetadata.None, Late);
        await EventuallyReadsAsync(Stream(), 0, 1, 2, 3, 4);
    }

    [Fact, Trait("Fact", "19")]
    public async Task A_resolved_link_is_delivered_as_its_event_with_the_link_beside_it()
    {
        await Log.AppendToStreamAsync(Stream("target"), StreamState.NoStream, [Event("First"), Event("Second")], Late);
        await Log.AppendToStreamAsync(Stream("links"), StreamState.NoStream, [Link(1, "target"), Link(0, "target"), Link(9, "target")], Late);

        var resolved = await ToListAsync(Log.ReadStreamAsync(Stream("links"), resolveLinks: true, cancellation: Late));

        resolved.Select(each => each.Type).ShouldBe(["Second", "First", "$>"]);
        resolved.Select(each => each.Original().Revision).ShouldBe([0L, 1L, 2L]);
        resolved[0].Link!.StreamId.ShouldBe(Stream("links"));
        resolved[2].Link.ShouldBeNull();
    }

    [Theory, Trait("Fact", "20")]
    [InlineData(null, new long[] { 0, 1, 2, 3, 4 })]
    [InlineData(1L, new long[] { 2, 3, 4 })]
    public async Task A_stream_is_followed_from_a_revision_on(long? after, long[] revisions)
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(3), Late);
        await using var messages = Log.SubscribeToStream(Stream(), after is { } revision ? FromStream.After(revision) : FromStream.Start, cancellation: Late).GetAsyncEnumerator(Late);
        List<long> seen = [];
        while (await messages.MoveNextAsync() && messages.Current is not LogMessage.CaughtUp) Collect(messages.Current, seen);

        await Log.AppendToStreamAsync(Stream("other"), StreamState.NoStream, Events(2), Late);
        await Log.AppendToStreamAsync(Stream(), StreamState.StreamRevision(2), Events(2), Late);

        while (seen.Count < revisions.Length && await messages.MoveNextAsync()) Collect(messages.Current, seen);
        seen.ShouldBe(revisions);
    }

    [Fact, Trait("Fact", "20")]
    public async Task From_a_streams_end_only_what_comes_later_is_delivered()
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(3), Late);
        await using var messages = Log.SubscribeToStream(Stream(), FromStream.End, cancellation: Late).GetAsyncEnumerator(Late);
        (await messages.MoveNextAsync()).ShouldBeTrue();
        messages.Current.ShouldBeOfType<LogMessage.CaughtUp>();

        await Log.AppendToStreamAsync(Stream(), StreamState.Any, [Event()], Late);

        (await messages.MoveNextAsync()).ShouldBeTrue();
        messages.Current.ShouldBeOfType<LogMessage.Event>().Recorded.Revision.ShouldBe(3);
    }

    private static void Collect(LogMessage message, List<long> seen)
    {
        if (message is LogMessage.Event { Recorded: var recorded }) seen.Add(recorded.Revision);
    }

    private EventData Link(int revision, string key) =>
        Event("$>", $"{revision.ToString(System.Globalization.CultureInfo.InvariantCulture)}@{Stream(key)}") with { ContentType = "application/octet-stream" };
}
