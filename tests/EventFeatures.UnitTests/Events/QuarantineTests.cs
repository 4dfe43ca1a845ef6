using System.Text;
using EventFeatures.Application.Events;
using EventFeatures.Application.Events.Quarantine;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Decisions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.UnitTests.Definitions;
using EventFeatures.UnitTests.FeatureViews;
using EventFeatures.UnitTests.Predictions;
using EventFeatures.Views.FeatureViews.Folding;
using EventFeatures.Views.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Events;

public sealed class QuarantineTests
{
    private const string Stream = "quarantine-payments.authorisation";

    private static readonly string Wider = Yaml.Contract.With("version: 1.0.0", "version: 1.1.0").With("[FR, NO]", "[FR, NO, XX]");

    [Fact]
    public async Task An_event_is_listed_until_its_contract_allows_it_and_then_is_in_its_stream_with_its_own_id()
    {
        await using var bench = await PredictionBench.StartAsync();
        var id = await QuarantineAsync(bench, "a");
        var entry = (await ListAsync(bench)).ShouldHaveSingleItem();
        (entry.State, entry.Event.EventId, entry.Event.StreamId, entry.Event.Code).ShouldBe((QuarantineState.Open, id, "card-a", "value-not-allowed"));

        var failed = (await ResolveAsync(bench, QuarantineResolution.Redrive, entry.Id)).ShouldHaveSingleItem();
        (failed.State, failed.Changed, failed.Code).ShouldBe((QuarantineState.Open, true, "value-not-allowed"));
        (await ListAsync(bench)).ShouldHaveSingleItem().Attempts.ShouldHaveSingleItem().Type.ShouldBe(QuarantineAttempt.RedriveFailedType);

        await bench.ApplyAsync(Wider);
        var done = (await ResolveAsync(bench, QuarantineResolution.Redrive, entry.Id)).ShouldHaveSingleItem();

        (done.State, done.Changed, done.Succeeded).ShouldBe((QuarantineState.Redriven, true, true));
        var recorded = bench.Log.Events.Where(one => one.StreamId == "card-a").ShouldHaveSingleItem();
        (recorded.EventId, recorded.Position).ShouldBe((id, done.AppendedAt!.Value));
        recorded.Data.ToArray().ShouldBe(entry.Event.Data.ToArray());
        var metadata = EventMetadata.FromJson(recorded.Metadata);
        (metadata.CausationId, metadata.Producer, metadata.SchemaDigest).ShouldBe(($"{entry.Id}", "terminal", bench.Registry.Current.Contracts["payments.authorisation/1"].Digest));
        (await ListAsync(bench)).ShouldBeEmpty();
        (await ListAsync(bench, closed: true)).ShouldHaveSingleItem().State.ShouldBe(QuarantineState.Redriven);
        bench.Log.Events.Where(one => one.StreamId == Stream).Select(one => one.Type)
            .ShouldBe([QuarantinedEvent.Type, QuarantineAttempt.RedriveFailedType, QuarantineAttempt.RedrivenType]);
    }

    [Fact]
    public async Task A_quarantine_that_was_closed_for_good_hides_no_other_and_says_so_to_who_names_it()
    {
        await using var bench = await PredictionBench.StartAsync();
        var id = await QuarantineAsync(bench, "a");
        await bench.Log.AppendToStreamAsync("quarantine-eventfeatures.prediction", StreamState.Any, [new EventData(Guid.NewGuid(), QuarantineAttempt.DiscardedType, "{}"u8.ToArray())]);
        await bench.Log.TombstoneStreamAsync("quarantine-eventfeatures.prediction", StreamState.Any);

        (await ListAsync(bench)).ShouldHaveSingleItem().Event.EventId.ShouldBe(id);
        (await bench.SendAsync(new GetQuarantined(id))).ShouldHaveSingleItem();
        await bench.Log.TombstoneStreamAsync(Stream, StreamState.Any);
        (await ListAsync(bench)).ShouldBeEmpty();
        await Should.ThrowAsync<StreamDeletedException>(() => bench.SendAsync(new ListQuarantine { Contract = "payments.authorisation" }));
    }

    [Fact]
    public async Task Events_of_a_quarantine_that_cannot_be_read_are_left_out_and_counted_and_take_nothing_else_away()
    {
        await using var bench = await PredictionBench.StartAsync();
        var first = await QuarantineAsync(bench, "a");
        var begin = bench.Log.Events.Count;
        // As any client of the log can append them, to the quarantine of the event and to another one.
        foreach (var stream in (string[])[Stream, "quarantine-eventfeatures.prediction"])
            foreach (var (type, data) in Foreign())
                await bench.Log.AppendToStreamAsync(stream, StreamState.Any, [new EventData(Guid.NewGuid(), type, Encoding.UTF8.GetBytes(data))]);
        var second = await QuarantineAsync(bench, "b");

        var all = await bench.SendAsync(new ListQuarantine());
        all.Entries.Select(entry => entry.Event.EventId).ShouldBe([first, second]);
        all.Unreadable.ShouldBe(new UnreadableQuarantine(2 * Foreign().Length, bench.Log.Events.Skip(begin).First(one => one.StreamId.EndsWith("prediction", StringComparison.Ordinal)).Position));
        var one = await bench.SendAsync(new ListQuarantine { CountMax = 1, Contract = "payments.authorisation" });
        var rest = await bench.SendAsync(new ListQuarantine { CountMax = 1, Contract = "payments.authorisation", After = one.Next });
        (one.Unreadable.Count, rest.Unreadable.Count, rest.Next).ShouldBe((0, Foreign().Length, null));

        await bench.ApplyAsync(Wider);
        (await ResolveAsync(bench, QuarantineResolution.Redrive, null)).Select(resolved => resolved.State).ShouldBe([QuarantineState.Redriven, QuarantineState.Redriven]);
        var third = await QuarantineAsync(bench, "c", "{}");
        (await bench.SendAsync(new GetQuarantined(third))).ShouldHaveSingleItem();
        (await ResolveAsync(bench, QuarantineResolution.Discard, null)).ShouldHaveSingleItem().State.ShouldBe(QuarantineState.Discarded);
        (await ListAsync(bench)).ShouldBeEmpty();
        var none = await bench.SendAsync(new ResolveQuarantined(QuarantineResolution.Redrive) { By = "ada" });
        (await none.Results.CountAsync(), none.Unreadable().Count).ShouldBe((0, 2 * Foreign().Length));
    }

    [Fact]
    public async Task Redriving_twice_at_once_or_after_a_crash_between_its_steps_is_redriving_once()
    {
        await using var bench = await PredictionBench.StartAsync();
        var id = await QuarantineAsync(bench, "a");
        await bench.ApplyAsync(Wider);
        // As an earlier attempt leaves it that ended before it noted its success.
        await bench.Log.AppendToStreamAsync("card-a", StreamState.Any, [new EventData(id, "PaymentAuthorised", (await ListAsync(bench))[0].Event.Data)]);

        await Task.WhenAll(ResolveAsync(bench, QuarantineResolution.Redrive, id), ResolveAsync(bench, QuarantineResolution.Redrive, id));
        var before = bench.Log.Events.Count;
        var again = (await ResolveAsync(bench, QuarantineResolution.Redrive, id)).ShouldHaveSingleItem();

        (again.State, again.Changed, again.Succeeded).ShouldBe((QuarantineState.Redriven, false, true));
        again.AppendedAt.ShouldNotBeNull();
        bench.Log.Events.Count.ShouldBe(before);
        bench.Log.Events.Count(one => one.StreamId == "card-a").ShouldBe(1);
        bench.Log.Events.Count(one => one.Type == QuarantineAttempt.RedrivenType).ShouldBe(1);
    }

    [Fact]
    public async Task All_open_events_of_a_contract_are_redriven_and_those_that_fail_again_stay_open()
    {
        await using var bench = await PredictionBench.StartAsync();
        await QuarantineAsync(bench, "a");
        await QuarantineAsync(bench, "b", """{"country":"XX","occurred_at":"2026-01-31T11:00:00Z"}""");
        await QuarantineAsync(bench, "c");
        await bench.ApplyAsync(Wider);

        var results = await ResolveAsync(bench, QuarantineResolution.Redrive, null, "payments.authorisation");

        results.Select(result => (result.Entry.Event.StreamId, result.State, result.Code)).ShouldBe(
            [("card-a", QuarantineState.Redriven, ""), ("card-b", QuarantineState.Open, "required-field-missing"), ("card-c", QuarantineState.Redriven, "")]);
        (await ListAsync(bench)).ShouldHaveSingleItem().Event.StreamId.ShouldBe("card-b");
    }

    [Fact]
    public async Task A_discarded_event_is_closed_with_who_and_why_and_is_not_redriven()
    {
        await using var bench = await PredictionBench.StartAsync();
        var id = await QuarantineAsync(bench, "a");

        (await ResolveAsync(bench, QuarantineResolution.Discard, id)).ShouldHaveSingleItem().State.ShouldBe(QuarantineState.Discarded);
        (await ResolveAsync(bench, QuarantineResolution.Discard, id)).ShouldHaveSingleItem().Changed.ShouldBeFalse();
        await bench.ApplyAsync(Wider);
        (await ResolveAsync(bench, QuarantineResolution.Redrive, id)).ShouldHaveSingleItem().Code.ShouldBe("quarantine-discarded");

        (await ListAsync(bench)).ShouldBeEmpty();
        var attempt = (await bench.SendAsync(new GetQuarantined(id))).ShouldHaveSingleItem().Attempts.ShouldHaveSingleItem();
        (attempt.Type, attempt.By, attempt.Why).ShouldBe((QuarantineAttempt.DiscardedType, "ada", "a test"));
        bench.Log.Events.ShouldNotContain(one => one.StreamId == "card-a");
    }

    [Fact]
    public async Task What_was_redriven_cannot_be_discarded()
    {
        await using var bench = await PredictionBench.StartAsync();
        var id = await QuarantineAsync(bench, "a");
        await bench.ApplyAsync(Wider);
        await ResolveAsync(bench, QuarantineResolution.Redrive, id);
        (await ResolveAsync(bench, QuarantineResolution.Discard, id)).ShouldHaveSingleItem().Code.ShouldBe("quarantine-redriven");
    }

    [Fact]
    public async Task An_event_that_is_too_large_for_its_entry_is_not_redriven_but_can_be_discarded()
    {
        await using var bench = await PredictionBench.StartAsync();
        var id = await RefuseInAViewAsync(bench, new byte[900 * 1024]);

        var failed = (await ResolveAsync(bench, QuarantineResolution.Redrive, id)).ShouldHaveSingleItem();
        (failed.State, failed.Code).ShouldBe((QuarantineState.Open, "quarantine-bytes-omitted"));
        failed.Detail.ShouldContain($"'card-a' holds it at position {failed.Entry.Event.LoggedAt}");

        (await ResolveAsync(bench, QuarantineResolution.Discard, id)).ShouldHaveSingleItem().State.ShouldBe(QuarantineState.Discarded);
    }

    [Fact]
    public async Task Pages_go_on_where_the_last_one_ended()
    {
        await using var bench = await PredictionBench.StartAsync();
        for (var i = 0; i < 5; i++) await QuarantineAsync(bench, $"c{i}");
        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = await bench.SendAsync(new ListQuarantine { CountMax = 2, After = after });
            seen.AddRange(page.Entries.Select(entry => entry.Event.StreamId));
            after = page.Next;
        }
        while (after is not null);
        seen.ShouldBe(["card-c0", "card-c1", "card-c2", "card-c3", "card-c4"]);
    }

    [Fact]
    public async Task Discarding_without_a_reason_an_unknown_id_and_an_unknown_contract_are_refused()
    {
        await using var bench = await PredictionBench.StartAsync();
        await Should.ThrowAsync<CommandInvalidException>(() => bench.SendAsync(new ResolveQuarantined(QuarantineResolution.Discard) { By = "ada" }));
        (await Should.ThrowAsync<RefusedException>(() => ResolveAsync(bench, QuarantineResolution.Redrive, Guid.NewGuid()))).Code.ShouldBe("quarantine-entry-unknown");
        (await Should.ThrowAsync<RefusedException>(() => bench.SendAsync(new ListQuarantine { Contract = "payments.refunds" }))).Code.ShouldBe("contract-unknown");
    }

    private static (string Type, string Data)[] Foreign()
    {
        // One that says that it is of another contract's quarantine: the notes about it would land there.
        var strayed = """{"contract":"payments.refund/1","stream":"card-a","eventId":"5b0ae8a5-2f1c-4a57-9b0e-0c7b2f0f3c11","type":"PaymentAuthorised","code":"x","detail":"x","data":"","metadata":""}""";
        return
        [
            (QuarantinedEvent.Type, "{}"), (QuarantinedEvent.Type, "[]"), (QuarantinedEvent.Type, strayed),
            (QuarantinedEvent.Type, strayed.With("\"payments.refund/1\"", "null")),
            (QuarantinedEvent.Type, strayed.With("payments.refund/1", "payments.authorisation/1").With("card-a", "card")),
            (QuarantineAttempt.DiscardedType, "{}"), (QuarantineAttempt.RedrivenType, "no JSON"), (QuarantineAttempt.RedriveFailedType, """{"entryId":"x"}"""),
            (QuarantineAttempt.RedrivenType, """{"entryId":"5b0ae8a5-2f1c-4a57-9b0e-0c7b2f0f3c11","by":1}"""),
            (QuarantineAttempt.RedrivenType, """{"entryId":"5b0ae8a5-2f1c-4a57-9b0e-0c7b2f0f3c11","appendedAt":"-1"}"""),
        ];
    }

    private static async Task<Guid> QuarantineAsync(PredictionBench bench, string card, string data = """{"amount":5,"country":"XX","occurred_at":"2026-01-31T11:00:00Z"}""")
    {
        var id = Guid.NewGuid();
        var item = new AppendItem($"card-{card}", "PaymentAuthorised", Encoding.UTF8.GetBytes(data)) { EventId = id };
        (await bench.SendAsync(new AppendEvents([item]) { Producer = "terminal" })).Items[0].Verdict.ShouldBe(AppendVerdict.Quarantined);
        return id;
    }

    private static async Task<Guid> RefuseInAViewAsync(PredictionBench bench, byte[] data)
    {
        await bench.Log.AppendToStreamAsync("card-a", StreamState.Any, [new EventData(Guid.NewGuid(), "PaymentAuthorised", data)]);
        var recorded = bench.Log.Events[^1];
        using var telemetry = new ViewsTelemetry("test", () => []);
        var quarantine = new Quarantine(bench.Log, Cards.Compiled(Cards.Feature("count", null, Cards.Ever)), telemetry, NullLogger.Instance);
        await quarantine.AppendAsync([new RefusedEvent(recorded, "json-invalid", "It is no JSON.")], default);
        return recorded.EventId;
    }

    private static async Task<IReadOnlyList<QuarantineEntry>> ListAsync(PredictionBench bench, bool closed = false) =>
        (await bench.SendAsync(new ListQuarantine { IncludeClosed = closed })).Entries;

    private static async Task<List<QuarantineResolved>> ResolveAsync(PredictionBench bench, QuarantineResolution resolution, Guid? id, string? contract = null) =>
        await (await bench.SendAsync(new ResolveQuarantined(resolution) { Id = id, Contract = contract, By = "ada", Why = "a test" })).Results.ToListAsync();
}
