using System.Text;
using EventFeatures.Application.Events;
using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Events;
using EventFeatures.UnitTests.Definitions;
using EventFeatures.UnitTests.Predictions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Events;

public sealed class AppendEventsTests
{
    [Fact]
    public async Task An_accepted_event_keeps_its_bytes_and_carries_its_provenance()
    {
        await using var bench = await PredictionBench.StartAsync();
        var item = PredictionBench.Payment("4929", 20m, -30) with { Subject = "alice" };
        var answer = await bench.SendAsync(new AppendEvents([item]) { Producer = "terminal", CorrelationId = "c-1", CausationId = "cause" });

        var recorded = bench.Log.Events[^1];
        answer.Items.ShouldHaveSingleItem().ShouldBe(new AppendOutcome(AppendVerdict.Accepted, recorded.EventId, "card-4929", 0, recorded.Position));
        answer.Position.ShouldBe(recorded.Position);
        recorded.Data.ToArray().ShouldBe(item.Data.ToArray());
        EventMetadata.FromJson(recorded.Metadata).ShouldBe(new EventMetadata
        {
            CorrelationId = "c-1", CausationId = "cause", Producer = "terminal", Subject = "alice",
            OccurredAt = PredictionBench.At(-30), RecordedAt = PredictionBench.At(-30), Imported = true,
            Contract = "payments.authorisation/1", SchemaDigest = bench.Registry.Current.Contracts["payments.authorisation/1"].Digest,
        });
    }

    [Fact]
    public async Task An_event_that_breaks_its_contract_is_kept_aside_with_its_bytes_and_reason()
    {
        await using var bench = await PredictionBench.StartAsync();
        var bytes = Encoding.UTF8.GetBytes("""{"country":"FR","occurred_at":"2026-01-31T11:00:00Z"}""");
        var id = Guid.NewGuid();
        var broken = new AppendItem("card-4929", "PaymentAuthorised", bytes) { EventId = id };

        var answer = await bench.SendAsync(new AppendEvents([broken, PredictionBench.Payment("4929", 20m, -30)]));
        await bench.SendAsync(new AppendEvents([broken]));

        answer.Items.Select(item => item.Verdict).ShouldBe([AppendVerdict.Quarantined, AppendVerdict.Accepted]);
        answer.Items[0].Code.ShouldBe("required-field-missing");
        answer.Items[0].EventId.ShouldBe(id);
        var kept = QuarantinedEvent.FromJson(bench.Log.Events.Where(recorded => recorded.StreamId == "quarantine-payments.authorisation").ShouldHaveSingleItem().Data);
        kept.Data.ToArray().ShouldBe(bytes);
        kept.StreamId.ShouldBe("card-4929");
        kept.EventId.ShouldBe(id);
        kept.Code.ShouldBe("required-field-missing");
    }

    [Fact]
    public async Task An_event_that_breaks_its_contract_and_is_too_large_to_be_kept_aside_is_refused_with_both()
    {
        await using var bench = await PredictionBench.StartAsync();
        var data = Encoding.UTF8.GetBytes($$"""{"country":"FR","occurred_at":"2026-01-31T11:00:00Z","note":"{{new string('x', 900 * 1024)}}"}""");

        var answer = await bench.SendAsync(new AppendEvents([new AppendItem("card-4929", "PaymentAuthorised", data)]));

        var outcome = answer.Items.ShouldHaveSingleItem();
        (outcome.Verdict, outcome.Code).ShouldBe((AppendVerdict.Rejected, "append-too-large"));
        outcome.Detail.ShouldContain("amount");
        outcome.Detail.ShouldEndWith("The event is too large to be kept aside in 'quarantine-payments.authorisation'. Correct it and send it again.");
    }

    [Fact]
    public async Task An_event_of_a_stream_whose_key_is_longer_than_an_entitys_is_kept_aside()
    {
        await using var bench = await PredictionBench.StartAsync();
        var outcome = (await bench.SendAsync(new AppendEvents([PredictionBench.Payment(new string('€', 400), 20m, -30)]))).Items.ShouldHaveSingleItem();
        (outcome.Verdict, outcome.Code).ShouldBe((AppendVerdict.Quarantined, "stream-name-invalid"));
    }

    [Fact]
    public async Task A_contract_that_rejects_keeps_the_event_out_altogether()
    {
        var contract = Yaml.Contract + "\n  - { property: eventfeatures.onViolation, value: reject }";
        await using var bench = await PredictionBench.StartAsync([contract, Yaml.Entity, Yaml.View]);
        var before = bench.Log.Events.Count;
        var answer = await bench.SendAsync(new AppendEvents([new AppendItem("card-4929", "PaymentAuthorised", "{}"u8.ToArray())]));
        answer.Items.ShouldHaveSingleItem().Verdict.ShouldBe(AppendVerdict.Rejected);
        answer.Position.ShouldBeNull();
        bench.Log.Events.Count.ShouldBe(before);
    }

    [Theory]
    [InlineData("parcel-1", "contract-missing")]
    [InlineData("prediction-1", "category-reserved")]
    [InlineData("$settings-1", "category-reserved")]
    public async Task A_category_without_a_contract_or_of_the_system_is_refused(string stream, string code)
    {
        await using var bench = await PredictionBench.StartAsync();
        var answer = await bench.SendAsync(new AppendEvents([new AppendItem(stream, "A", "{}"u8.ToArray())]));
        answer.Items.ShouldHaveSingleItem().Code.ShouldBe(code);
    }

    [Fact]
    public async Task Items_of_one_stream_keep_their_order_among_many_streams()
    {
        await using var bench = await PredictionBench.StartAsync();
        var items = Enumerable.Range(0, 500).Select(i => PredictionBench.Payment($"c{i % 11}", i + 1, -500 + i)).ToList();
        var answer = await bench.SendAsync(new AppendEvents(items));
        answer.Items.ShouldAllBe(item => item.Verdict == AppendVerdict.Accepted);
        for (var card = 0; card < 11; card++)
        {
            var stored = bench.Log.Events.Where(recorded => recorded.StreamId == $"card-c{card}").ToList();
            stored.Select(recorded => Encoding.UTF8.GetString(recorded.Data.Span))
                .ShouldBe(items.Where((_, i) => i % 11 == card).Select(item => Encoding.UTF8.GetString(item.Data.Span)));
            foreach (var (recorded, index) in stored.Select((recorded, index) => (recorded, index)))
                answer.Items[(index * 11) + card].Revision.ShouldBe(recorded.Revision);
        }
    }

    [Fact]
    public async Task Sending_again_adds_nothing_even_when_cut_differently()
    {
        await using var bench = await PredictionBench.StartAsync();
        var items = Enumerable.Range(0, 6).Select(i => PredictionBench.Payment("4929", i + 1, i - 60, Guid.NewGuid())).ToList();
        await bench.SendAsync(new AppendEvents(items[..3]));
        (await bench.SendAsync(new AppendEvents(items))).Items.ShouldAllBe(item => item.Verdict == AppendVerdict.Accepted);
        await bench.SendAsync(new AppendEvents([items[5], items[5], items[0]]));
        bench.Log.Events.Where(recorded => recorded.StreamId == "card-4929").Select(recorded => recorded.EventId)
            .ShouldBe(items.Select(item => item.EventId!.Value));
    }

    [Fact]
    public async Task After_an_unmet_expectation_the_streams_later_items_are_refused_and_other_streams_go_on()
    {
        await using var bench = await PredictionBench.StartAsync();
        await bench.PayAsync("1", 1m, -60);
        var answer = await bench.SendAsync(new AppendEvents(
        [
            PredictionBench.Payment("1", 2m, -50) with { Expected = StreamState.NoStream },
            PredictionBench.Payment("1", 3m, -40) with { Expected = StreamState.StreamRevision(0) },
            PredictionBench.Payment("2", 4m, -40) with { Expected = StreamState.NoStream },
        ]));
        answer.Items.Select(item => item.Code).ShouldBe(["wrong-expected-revision", "earlier-item-rejected", ""]);
        bench.Log.Events.Count(recorded => recorded.StreamId == "card-1").ShouldBe(1);
    }

    [Fact]
    public async Task Every_malformed_item_is_named_by_its_place()
    {
        await using var bench = await PredictionBench.StartAsync();
        var invalid = await Should.ThrowAsync<CommandInvalidException>(() => bench.SendAsync(new AppendEvents(
            [new AppendItem("card", "A", default), new AppendItem("card-1", "", default) { EventId = Guid.Empty }])));
        invalid.Failures.Select(failure => failure.Field).ShouldBe(["items[0].stream", "items[1].type", "items[1].eventId"]);
    }

    [Fact]
    public async Task An_event_that_its_contract_rejects_keeps_all_of_its_stream_out_and_no_other_stream()
    {
        var contract = Yaml.Contract + "\n  - { property: eventfeatures.onViolation, value: reject }";
        await using var bench = await PredictionBench.StartAsync([contract, Yaml.Entity, Yaml.View]);

        var answer = await bench.SendAsync(new AppendEvents(
        [
            PredictionBench.Payment("1", 1m, -50), new AppendItem("card-1", "PaymentAuthorised", "{}"u8.ToArray()), PredictionBench.Payment("1", 2m, -40),
            PredictionBench.Payment("2", 3m, -40),
        ]));

        answer.Items.Select(item => item.Code).ShouldBe(["refused-together", "event-time-missing", "refused-together", ""]);
        bench.Log.Events.Where(recorded => recorded.StreamId.StartsWith("card-", StringComparison.Ordinal)).Select(recorded => recorded.StreamId).ShouldBe(["card-2"]);
    }

    [Fact]
    public async Task What_a_stream_must_look_like_is_asked_of_it_even_if_the_first_event_goes_to_quarantine()
    {
        await using var bench = await PredictionBench.StartAsync();
        await bench.PayAsync("1", 1m, -60);
        var broken = new AppendItem("card-1", "PaymentAuthorised", "{}"u8.ToArray()) { Expected = StreamState.NoStream };

        var answer = await bench.SendAsync(new AppendEvents([broken, PredictionBench.Payment("1", 2m, -50)]));

        answer.Items.Select(item => (item.Verdict, item.Code)).ShouldBe(
            [(AppendVerdict.Quarantined, "event-time-missing"), (AppendVerdict.Rejected, "wrong-expected-revision")]);
        bench.Log.Events.Count(recorded => recorded.StreamId == "card-1").ShouldBe(1);
    }

    [Fact]
    public async Task Each_event_carries_its_own_producer_or_else_that_of_the_request()
    {
        await using var bench = await PredictionBench.StartAsync();

        await bench.SendAsync(new AppendEvents([PredictionBench.Payment("1", 1m, -60) with { Producer = "/till/7" }, PredictionBench.Payment("2", 2m, -50)]) { Producer = "shop" });

        bench.Log.Events.Where(recorded => recorded.StreamId.StartsWith("card-", StringComparison.Ordinal)).OrderBy(recorded => recorded.StreamId, StringComparer.Ordinal)
            .Select(recorded => EventMetadata.FromJson(recorded.Metadata).Producer).ShouldBe(["/till/7", "shop"]);
    }
}
