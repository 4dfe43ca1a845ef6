using EventFeatures.Core.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.Testing.Log;

/// <summary>What an append expects, what it answers, and what it keeps.</summary>
public abstract class AppendContract(string connectionString) : LogContract(connectionString)
{
    [Fact]
    public async Task The_first_event_of_a_stream_has_revision_0_and_the_next_continue()
    {
        (await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, [Event()], Late)).NextExpectedRevision.ShouldBe(0);
        (await Log.AppendToStreamAsync(Stream(), StreamState.StreamRevision(0), Events(2), Late)).NextExpectedRevision.ShouldBe(2);
        (await Log.AppendToStreamAsync(Stream(), StreamState.Any, [Event()], Late)).NextExpectedRevision.ShouldBe(3);
        (await Log.AppendToStreamAsync(Stream(), StreamState.StreamExists, [Event()], Late)).NextExpectedRevision.ShouldBe(4);

        (await ReadAsync(Stream())).Select(recorded => recorded.Revision).ShouldBe([0, 1, 2, 3, 4]);
    }

    [Fact, Trait("Fact", "18")]
    public async Task An_appends_position_is_that_of_its_last_event_and_positions_increase()
    {
        var appended = await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(3), Late);

        var recorded = await ReadAsync(Stream());
        recorded[^1].Position.ShouldBe(appended.Position);
        recorded.Select(each => each.Position.Value).ShouldBeInOrder(SortDirection.Ascending);
        recorded.Select(each => each.Position).ShouldBeUnique();
    }

    [Fact]
    public async Task A_stream_that_exists_refuses_no_stream_and_names_its_revision()
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(2), Late);

        var refused = await Should.ThrowAsync<WrongExpectedVersionException>(() => Log.AppendToStreamAsync(Stream(), StreamState.NoStream, [Event()], Late));

        refused.ActualRevision.ShouldBe(1);
        refused.Expected.ShouldBe(StreamState.NoStream);
        refused.Stream.ShouldBe(Stream());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(long.MaxValue - 1)]
    public async Task A_revision_that_is_not_the_last_is_refused(long expected)
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, Events(2), Late);

        var refused = await Should.ThrowAsync<WrongExpectedVersionException>(() =>
            Log.AppendToStreamAsync(Stream(), StreamState.StreamRevision(expected), [Event()], Late));

        refused.ActualRevision.ShouldBe(1);
        (await ReadAsync(Stream())).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_stream_that_does_not_exist_refuses_a_revision_and_stream_exists()
    {
        (await Should.ThrowAsync<WrongExpectedVersionException>(() => Log.AppendToStreamAsync(Stream(), StreamState.StreamRevision(0), [Event()], Late)))
            .ActualRevision.ShouldBeNull();
        (await Should.ThrowAsync<WrongExpectedVersionException>(() => Log.AppendToStreamAsync(Stream(), StreamState.StreamExists, [Event()], Late)))
            .ActualRevision.ShouldBeNull();
        (await ReadAsync(Stream())).ShouldBeEmpty();
    }

    [Fact]
    public async Task Of_many_writers_that_expect_the_same_revision_exactly_one_wins()
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, [Event()], Late);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            try
            {
                await Log.AppendToStreamAsync(Stream(), StreamState.StreamRevision(0), [Event()], Late);
                return true;
            }
            catch (WrongExpectedVersionException)
            {
                return false;
            }
        }));

        outcomes.Count(won => won).ShouldBe(1);
        (await ReadAsync(Stream())).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Appends_of_many_writers_to_one_stream_are_all_kept_whole_and_in_one_order()
    {
        var batches = Enumerable.Range(0, 50).Select(_ => Events(4)).ToArray();

        await Task.WhenAll(batches.Select(batch => Log.AppendToStreamAsync(Stream(), StreamState.Any, batch, Late)));

        var recorded = await ReadAsync(Stream());
        recorded.Select(each => each.Revision).ShouldBe(Enumerable.Range(0, 200).Select(index => (long)index));
        foreach (var batch in batches)
        {
            var first = recorded.FindIndex(each => each.EventId == batch[0].EventId);
            recorded.Slice(first, 4).Select(each => each.EventId).ShouldBe(batch.Select(data => data.EventId));
        }
    }

    [Fact, Trait("Fact", "6")]
    public async Task Bytes_type_metadata_and_id_are_kept_as_they_came()
    {
        var data = new EventData(Guid.NewGuid(), "Größe→✓", new byte[] { 0, 255, 1, 254 }, "{\"a\":1}"u8.ToArray(), "application/octet-stream");

        await Log.AppendToStreamAsync(Stream("schlüssel-✓"), StreamState.NoStream, [data], Late);

        var recorded = (await ReadAsync(Stream("schlüssel-✓"))).ShouldHaveSingleItem();
        recorded.StreamId.ShouldBe(Stream("schlüssel-✓"));
        recorded.EventId.ShouldBe(data.EventId);
        recorded.Type.ShouldBe("Größe→✓");
        recorded.Data.ToArray().ShouldBe(new byte[] { 0, 255, 1, 254 });
        recorded.Metadata.ToArray().ShouldBe("{\"a\":1}"u8.ToArray());
        recorded.ContentType.ShouldBe("application/octet-stream");
    }

    [Theory, Trait("Fact", "6")]
    [InlineData("application/json", "application/json")]
    [InlineData("application/octet-stream", "application/octet-stream")]
    [InlineData("text/plain", "application/octet-stream")]
    public async Task Any_content_type_but_json_reads_back_as_octet_stream(string appended, string read)
    {
        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, [Event() with { ContentType = appended }], Late);

        (await ReadAsync(Stream()))[0].ContentType.ShouldBe(read);
    }

    [Fact, Trait("Fact", "6")]
    public async Task Json_is_not_validated_and_data_may_be_empty()
    {
        EventData[] events = [Event(json: "not json"), Event(json: "")];

        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, events, Late);

        (await ReadAsync(Stream())).Select(recorded => recorded.Data.Length).ShouldBe(["not json".Length, 0]);
    }

    [Fact, Trait("Fact", "6")]
    public async Task The_log_tells_when_it_recorded_an_event()
    {
        var before = TimeProvider.System.GetUtcNow().AddMinutes(-5);

        await Log.AppendToStreamAsync(Stream(), StreamState.NoStream, [Event()], Late);

        (await ReadAsync(Stream()))[0].Created.ToDateTimeOffset().ShouldBeInRange(before, before.AddMinutes(10));
    }

    [Fact, Trait("Fact", "12")]
    public async Task More_than_a_mebibyte_in_one_append_is_refused_and_leaves_nothing()
    {
        var large = Event() with { Data = new byte[700 * 1024], ContentType = "application/octet-stream" };
        var second = large with { EventId = Guid.NewGuid() };

        await Should.ThrowAsync<ArgumentException>(() => Log.AppendToStreamAsync(Stream(), StreamState.Any, [large, second], Late));
        (await ReadAsync(Stream())).ShouldBeEmpty();

        await Log.AppendToStreamAsync(Stream(), StreamState.Any, [large], Late);
        (await ReadAsync(Stream())).ShouldHaveSingleItem().Data.Length.ShouldBe(700 * 1024);
    }
}
