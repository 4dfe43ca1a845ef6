using EventFeatures.Api.V1;
using EventFeatures.Core.Events;
using EventFeatures.IntegrationTests.Log.Scavenging;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Faults.Rig;
using EventFeatures.Testing.Systems;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>A log that is copied into another one, which has events of its own already, by whatever interruptions.</summary>
public sealed class CopyLogTests : IAsyncLifetime
{
    private const long BlipBytes = 40_000;

    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromMinutes(10));
    private RunningSystem _source = null!;
    private TestDatabase _database = null!;
    private EmbeddedNode _target = null!;
    private EventStoreLog _there = null!;

    private CancellationToken Late => _deadline.Token;

    public async Task InitializeAsync()
    {
        _source = await RunningSystem.StartAsync();
        _database = await TestDatabase.CreateAsync();
        _target = await EmbeddedNode.StartAsync(new EmbeddedNodeOptions { Postgres = _database.ConnectionString });
        _there = EventStoreLog.Connect(_target.ConnectionString);
        await _there.AppendToStreamAsync("theirs-1", StreamState.NoStream, [.. Enumerable.Range(0, 137).Select(_ => Event())]);
    }

    public async Task DisposeAsync()
    {
        await _there.DisposeAsync();
        await _target.DisposeAsync();
        await _database.DisposeAsync();
        await _source.DisposeAsync();
        _deadline.Dispose();
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public async Task Streams_are_the_same_there_with_every_id_revision_and_byte(int seed)
    {
        await using var here = EventStoreLog.Connect(_source.Host.LogConnectionString);
        var random = new RandomLog(seed, here, new FakeTimeProvider(), Late) { AgeMin = 10_000 };
        await random.LiveAsync(220);
        await using var link = FaultyLink.ToPort(() => _target.Port);
        var cuts = 0;
        while (await CutShortAsync(link, cuts)) cuts++;

        var done = await CopyAsync();

        cuts.ShouldBeGreaterThan(0);
        done.Events.ShouldBe(0, "the last run that was not cut short had copied everything");
        foreach (var stream in random.Streams.SelectMany(stream => new[] { stream, "$$" + stream }))
            (await LinesAsync(_there, stream)).ShouldBe(await LinesAsync(here, stream), stream);
        var (before, after) = (await WithoutMapsAsync(here), await WithoutMapsAsync(_there));
        var ids = before.Select(each => each.EventId).ToHashSet();
        after.Where(each => ids.Contains(each.EventId)).Select(each => each.EventId).ShouldBe(
            before.Where(each => each.Type != "$streamDeleted").Select(each => each.EventId), "the whole log has the same order");
        (await VerifyAsync()).Digest.ShouldBe(done.Digest);
        await AppendsGoOnAsync(here, random);
    }

    [Fact]
    public async Task The_order_stays_while_the_connection_is_cut_again_and_again()
    {
        await using var link = FaultyLink.ToPort(() => _target.Port);
        await using var here = EventStoreLog.Connect(_source.Host.LogConnectionString);
        // One event an append, each of another stream than the one before: nothing but the copy keeps their order.
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async writer =>
        {
            for (var number = 0; number < 75; number++) await here.AppendToStreamAsync(FormattableString.Invariant($"card-{writer}-{number % 7}"), StreamState.Any, [Event()], Late);
        }));
        var blips = 0;
        link.After(BlipBytes, Blip);

        var copied = await CopyAsync(to: FormattableString.Invariant($"esdb://127.0.0.1:{link.Port}?tls=false"));

        Volatile.Read(ref blips).ShouldBeGreaterThan(2);
        copied.Events.ShouldBe(3_000);
        var ids = (await WithoutMapsAsync(_there)).Where(each => each.StreamId != "theirs-1").Select(each => each.EventId);
        ids.ShouldBe((await WithoutMapsAsync(here)).Select(each => each.EventId));

        void Blip()
        {
            link.Blip();
            // No more than these, so that nothing is tried in vain too often.
            if (Interlocked.Increment(ref blips) < 20) link.After(BlipBytes, Blip);
        }
    }

    [Fact]
    public async Task What_a_scavenge_took_has_placeholders_so_that_revisions_stay()
    {
        await _source.Log.AppendToStreamAsync("card-1", StreamState.NoStream, [.. Enumerable.Range(0, 700).Select(_ => Event())], Late);
        await _source.Log.SetStreamMetadataAsync("card-1", StreamState.NoStream, new StreamMetadata { MaxCount = 5 }, Late);
        using (var scavenge = _source.Maintenance.Scavenge(new ScavengeRequest { Actor = "tests" }))
            await foreach (var _ in scavenge.ResponseStream.ReadAllAsync(Late)) { }

        var done = await CopyAsync();

        done.Placeholders.ShouldBe(695);
        (await LinesAsync(_there, "card-1")).ShouldBe(await LinesAsync(_source.Log, "card-1"));
        (await _there.AppendToStreamAsync("card-1", StreamState.StreamRevision(699), [Event()], Late)).NextExpectedRevision.ShouldBe(700);
    }

    [Fact]
    public async Task What_a_killed_run_appended_without_noting_it_is_copied_on_together_with_what_came_since()
    {
        EventData[] events = [Event(), Event(), Event()];
        await _source.Log.AppendToStreamAsync("card-0", StreamState.NoStream, [Event()], Late);
        await CopyAsync();
        await _source.Log.AppendToStreamAsync("card-1", StreamState.NoStream, events[..2], Late);
        await _there.AppendToStreamAsync("card-1", StreamState.NoStream, events[..2], Late);
        await _source.Log.AppendToStreamAsync("card-1", StreamState.StreamRevision(1), events[2..], Late);

        (await CopyAsync()).Events.ShouldBe(3);

        (await LinesAsync(_there, "card-1")).ShouldBe(await LinesAsync(_source.Log, "card-1"));
        (await VerifyAsync()).Events.ShouldBe(4);
    }

    [Fact]
    public async Task A_log_that_was_scavenged_since_is_copied_on()
    {
        await _source.Log.AppendToStreamAsync("card-1", StreamState.NoStream, [.. Enumerable.Range(0, 700).Select(_ => Event())], Late);
        await CopyAsync();
        await _source.Log.SetStreamMetadataAsync("card-1", StreamState.NoStream, new StreamMetadata { MaxCount = 5 }, Late);
        await _source.Log.AppendToStreamAsync("card-1", StreamState.StreamRevision(699), [.. Enumerable.Range(0, 20).Select(_ => Event())], Late);
        using (var scavenge = _source.Maintenance.Scavenge(new ScavengeRequest { Actor = "tests" }))
            await foreach (var _ in scavenge.ResponseStream.ReadAllAsync(Late)) { }

        (await CopyAsync()).Placeholders.ShouldBe(15, "of those that were not copied before");

        (await LinesAsync(_there, "card-1")).ShouldBe(await LinesAsync(_source.Log, "card-1"));
        (await CopyAsync()).Events.ShouldBe(0);
        await VerifyAsync();
    }

    [Fact]
    public async Task A_stream_that_holds_something_else_there_is_named_and_nothing_of_it_is_touched()
    {
        await _source.Log.AppendToStreamAsync("card-1", StreamState.NoStream, [Event(), Event()], Late);
        await _there.AppendToStreamAsync("card-1", StreamState.NoStream, [Event()], Late);

        var refused = await Should.ThrowAsync<RpcException>(() => CopyAsync());

        refused.StatusCode.ShouldBe(StatusCode.FailedPrecondition);
        refused.Trailers.GetValue("error-code").ShouldBe("copy-refused");
        refused.Status.Detail.ShouldContain("'card-1'");
        (await LinesAsync(_there, "card-1")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_was_changed_there_after_the_copy_is_found()
    {
        await _source.Log.AppendToStreamAsync("card-1", StreamState.NoStream, [.. Enumerable.Range(0, 30).Select(_ => Event())], Late);
        await CopyAsync();
        (await VerifyAsync()).Events.ShouldBe(30);

        await _database.ScalarAsync("UPDATE log.events SET data = 'altered' WHERE stream = 'card-1' AND revision = 17");

        (await Should.ThrowAsync<RpcException>(() => VerifyAsync())).Status.Detail.ShouldContain("is not what was copied there");
    }

    [Fact]
    public async Task A_log_is_not_copied_into_itself()
    {
        await _source.Log.AppendToStreamAsync("card-1", StreamState.NoStream, [Event()], Late);

        (await Should.ThrowAsync<RpcException>(() => CopyAsync(to: _source.Host.LogConnectionString))).Status.Detail.ShouldContain("this very log");
    }

    // A retry, a conflict and a new event are answered there as here.
    private async Task AppendsGoOnAsync(EventStoreLog here, RandomLog random)
    {
        foreach (var stream in random.Streams)
        {
            var (_, known) = random.Appended.Find(each => each.Stream == stream);
            if (known is null) continue;
            (await AnswerAsync(_there, stream, StreamState.Any, known)).ShouldBe(await AnswerAsync(here, stream, StreamState.Any, known));
            var fresh = Event();
            (await AnswerAsync(_there, stream, StreamState.NoStream, fresh)).ShouldBe(await AnswerAsync(here, stream, StreamState.NoStream, fresh));
            (await AnswerAsync(_there, stream, StreamState.Any, fresh)).ShouldBe(await AnswerAsync(here, stream, StreamState.Any, fresh));
        }
    }

    private async Task<string> AnswerAsync(IEventLog log, string stream, StreamState expected, EventData data)
    {
        try
        {
            return FormattableString.Invariant($"revision {(await log.AppendToStreamAsync(stream, expected, [data], Late)).NextExpectedRevision}");
        }
        catch (Exception refused) when (refused is WrongExpectedVersionException or StreamDeletedException)
        {
            return refused.Message;
        }
    }

    private async Task<List<string>> LinesAsync(IEventLog log, string stream)
    {
        try
        {
            return await log.ReadStreamAsync(stream, cancellation: Late).Select(each =>
                FormattableString.Invariant($"{each.Revision} {each.EventId} {each.Type} {each.ContentType} {Convert.ToHexString(each.Data.Span)} {Convert.ToHexString(each.Metadata.Span)}")
                    [(stream.StartsWith("$$", StringComparison.Ordinal) ? each.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture).Length : 0)..]).ToListAsync(Late);
        }
        catch (StreamDeletedException closed)
        {
            return [closed.Message];
        }
    }

    private async Task<List<RecordedEvent>> WithoutMapsAsync(IEventLog log) =>
        await log.ReadAllAsync(ReadDirection.Forwards, Position.Start, cancellation: Late).Where(each => !each.StreamId.StartsWith("positionmap-", StringComparison.Ordinal)).ToListAsync(Late);

    // True when it was cut short; each time after more bytes, of which nothing comes any more until it has left.
    private async Task<bool> CutShortAsync(FaultyLink link, int cuts)
    {
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(Late);
        link.After(4096L << cuts, () =>
        {
            link.Freeze();
            cut.Cancel();
        });
        try
        {
            await CopyAsync(cut.Token, FormattableString.Invariant($"esdb://127.0.0.1:{link.Port}?tls=false"));
            return false;
        }
        catch (RpcException call) when (call.StatusCode == StatusCode.Cancelled && !Late.IsCancellationRequested)
        {
            return true;
        }
        finally
        {
            link.After(long.MaxValue / 2, () => { });
            link.Blip();
            link.Mend();
        }
    }

    private Task<CopyLogResult> VerifyAsync() => RunAsync(new CopyLogRequest { To = _target.ConnectionString, Actor = "ops", VerifyOnly = true }, Late);

    private Task<CopyLogResult> CopyAsync(CancellationToken? cut = null, string? to = null) =>
        RunAsync(new CopyLogRequest { To = to ?? _target.ConnectionString, Actor = "ops", Reason = "a test" }, cut ?? Late);

    private async Task<CopyLogResult> RunAsync(CopyLogRequest request, CancellationToken cancellation)
    {
        using var call = _source.Maintenance.CopyLog(request, cancellationToken: cancellation);
        CopyLogReport? last = null;
        await foreach (var report in call.ResponseStream.ReadAllAsync(cancellation)) last = report;
        return last!.Done;
    }

    private static EventData Event() => new(Guid.NewGuid(), "Tested", "{}"u8.ToArray());
}
