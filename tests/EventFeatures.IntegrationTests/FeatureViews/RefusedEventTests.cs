using System.Text.Json;
using EventFeatures.Core.Events;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.FeatureViews;

public sealed class RefusedEventTests : IAsyncLifetime
{
    private readonly InMemoryLog _log = new();
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_malformed_event_is_quarantined_with_its_reason_and_its_bytes()
    {
        await using var host = await Projections.StartAsync(_database, _log);
        var malformed = Payments.Malformed();
        var position = await AppendAsync(malformed);
        await AppendAsync(Payments.Payment(1, Payments.Noon));
        await host.CaughtUpAsync(_log);
        await host.Batch.DigestAsync(Payments.CardActivity);

        var entry = Quarantined().ShouldHaveSingleItem();
        entry.StreamId.ShouldBe("quarantine-payments.authorisation");
        using var json = JsonDocument.Parse(entry.Data);
        json.RootElement.GetProperty("position").GetString().ShouldBe(position.ToString());
        json.RootElement.GetProperty("stream").GetString().ShouldBe("card-1");
        json.RootElement.GetProperty("eventId").GetGuid().ShouldBe(malformed.EventId);
        json.RootElement.GetProperty("code").GetString().ShouldNotBeNullOrEmpty();
        json.RootElement.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
        json.RootElement.GetProperty("data").GetBytesFromBase64().ShouldBe(malformed.Data.ToArray());
        (await host.ReadAsync("1", Payments.Noon)).Values[0].Value.ShouldBe(Value.Of(1));
        host.CardActivity().Quarantined.ShouldBe(1);
    }

    [Fact]
    public async Task One_that_is_too_large_to_be_quarantined_with_its_bytes_holds_no_view_up()
    {
        await using var host = await Projections.StartAsync(_database, _log);
        var position = await AppendAsync(new EventData(Guid.NewGuid(), "PaymentAuthorised", new byte[900 * 1024]));
        await AppendAsync(Payments.Payment(1, Payments.Noon));
        await host.CaughtUpAsync(_log);
        await host.Batch.DigestAsync(Payments.CardActivity);

        var kept = QuarantinedEvent.FromJson(Quarantined().ShouldHaveSingleItem().Data);
        (kept.BytesOmitted, kept.LoggedAt, kept.Code).ShouldBe((true, position, "json-invalid"));
        (await host.ReadAsync("1", Payments.Noon)).Values[0].Value.ShouldBe(Value.Of(1));
        host.CardActivity().Quarantined.ShouldBe(1);
    }

    [Fact]
    public async Task An_event_is_late_only_past_the_allowed_lateness()
    {
        await using var host = await Projections.StartAsync(_database, _log);
        await AppendAsync(Payments.Payment(1, Payments.Noon));
        await AppendAsync(Payments.Payment(2, Payments.Noon - Duration.Parse("2h")));
        await AppendAsync(Payments.Payment(4, Payments.Noon - Duration.Parse("2h") - new Duration(1)));
        await host.CaughtUpAsync(_log);
        (await host.ReadAsync("1", Payments.Noon)).Values[1].Value.ShouldBe(Value.Of(3.0));
        await host.Batch.DigestAsync(Payments.CardActivity);
        using var json = JsonDocument.Parse(Quarantined().ShouldHaveSingleItem().Data);
        json.RootElement.GetProperty("code").GetString().ShouldBe("late");
        json.RootElement.GetProperty("detail").GetString()!.ShouldContain("allowed lateness of 2h");
    }

    [Fact]
    public async Task Two_views_of_one_contract_quarantine_an_event_once()
    {
        await using var host = await Projections.StartAsync(_database, _log, null, Payments.View(), Payments.View("card_profile"));
        await AppendAsync(Payments.Malformed());
        await host.CaughtUpAsync(_log);
        foreach (var status in host.Status()) await host.Batch.DigestAsync(status.View);
        Quarantined().ShouldHaveSingleItem();
        host.Status().ShouldAllBe(status => status.Quarantined == 1);
    }

    [Fact]
    public async Task An_id_used_twice_in_a_stream_counts_once_however_long_ago_it_was()
    {
        await using var host = await Projections.StartAsync(_database, _log);
        var id = Guid.NewGuid();
        await AppendAsync(Payments.Payment(1, Payments.Noon, id: id));
        for (var i = 1; i <= 60; i++) await AppendAsync(Payments.Payment(1, Payments.Noon + Duration.Parse($"{i}h"), fee: 1m));
        await host.CaughtUpAsync(_log);
        await AppendAsync(Payments.Payment(1, Payments.Noon + Duration.Parse("60h"), fee: 100m, id: id));
        await host.CaughtUpAsync(_log);
        (await host.ReadAsync("1", Payments.Noon + Duration.Parse("60h"))).Values[3].Value.ShouldBe(Value.Of(60.25m));
        host.CardActivity().Events.ShouldBe(61);
        Quarantined().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_event_delivered_twice_counts_once()
    {
        await using var host = await Projections.StartAsync(_database, new SilentLog(_log) { DeliversTwice = true });
        for (var i = 0; i < 50; i++) await AppendAsync(Payments.Payment(1, Payments.Noon));
        await host.CaughtUpAsync(_log);
        (await host.ReadAsync("1", Payments.Noon)).Values[0].Value.ShouldBe(Value.Of(50));
        await Projections.EventuallyAsync(() => host.CardActivity().Gap == 0, () => host.CardActivity().ToString());
    }

    [Fact]
    public async Task An_event_is_found_in_every_view_that_admitted_it()
    {
        await using var host = await Projections.StartAsync(_database, _log, null, Payments.View(), Payments.View("card_profile"));
        var payment = Payments.Payment(1, Payments.Noon);
        var position = await AppendAsync(payment);
        await host.CaughtUpAsync(_log);
        foreach (var view in host.Status().Select(status => status.View))
        {
            var use = (await host.Batch.FindEventAsync(view, payment.EventId)).ShouldHaveSingleItem();
            (use.View, use.EntityKey, use.StreamId, use.Revision, use.Position).ShouldBe((view, "1", "card-1", 0L, position));
            (await host.Batch.FindEventAsync(view, Guid.NewGuid())).ShouldBeEmpty();
        }
    }

    private List<RecordedEvent> Quarantined() => [.. _log.Events.Where(recorded => recorded.Type == "EventQuarantined")];

    private async Task<Position> AppendAsync(EventData data)
    {
        var revision = _log.Events.Count(recorded => recorded.StreamId == "card-1") - 1;
        return (await _log.AppendToStreamAsync("card-1", revision < 0 ? StreamState.NoStream : StreamState.StreamRevision(revision), [data])).Position;
    }
}
