using System.Text;
using EventFeatures.Application.Events;
using EventFeatures.Application.Events.Quarantine;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.UnitTests.Definitions;
using EventFeatures.UnitTests.Predictions;
using EventFeatures.Views.FeatureViews.Folding;
using EventFeatures.Views.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Events;

/// <summary>Re-driving what a view refused: the log holds the event, and what decides is whether a view would count it now.</summary>
public sealed class RedriveOfLoggedEventsTests
{
    private static readonly ViewReference View = new("card_activity", 1);

    private static readonly string Skewed = Yaml.Contract + "\n  - { property: eventfeatures.maxFutureSkew, value: 5m }";

    // Overflows for a large amount, which keeps its contract.
    private static readonly string Squares = Yaml.View.With("of: amount, window: 7d", "of: \"amount * amount\", window: 7d");

    [Fact]
    public async Task An_event_from_the_future_stays_refused_when_its_time_has_come_since_a_rebuild_goes_by_when_it_was_recorded()
    {
        await using var bench = await PredictionBench.StartAsync([Skewed, Yaml.Entity, Yaml.View]);
        await RefuseAsync(bench, """{"amount":5,"country":"FR","occurred_at":"2026-01-31T12:10:00Z"}""", "occurred-in-future");
        bench.Clock.Advance(TimeSpan.FromMinutes(20));

        await FailsAsync(bench, "occurred-in-future");

        await bench.ApplyAsync(Skewed.With("version: 1.0.0", "version: 1.1.0").With("value: 5m", "value: 15m"));
        await SucceedsAsync(bench);
    }

    [Fact]
    public async Task An_event_that_keeps_its_contract_stays_refused_until_every_view_can_use_it()
    {
        await using var bench = await PredictionBench.StartAsync([Yaml.Contract, Yaml.Entity, Squares]);
        await RefuseAsync(bench, """{"amount":1000000000000000,"country":"FR","occurred_at":"2026-01-31T11:00:00Z"}""", "expression-overflow");

        var failed = await FailsAsync(bench, "expression-overflow");
        failed.Detail.ShouldContain("card_activity@v1");

        await bench.ApplyAsync(Yaml.View.With("version: 1", "version: 2"));
        await FailsAsync(bench, "expression-overflow");
        await bench.SendAsync(new SwitchView("card_activity", 2) { Force = true, By = "ada", Why = "a test" });
        await bench.SendAsync(new RetireView("card_activity", 1) { By = "ada", Why = "a test" });
        await SucceedsAsync(bench);
    }

    [Fact]
    public async Task What_one_run_appends_and_a_view_then_refuses_is_not_closed_by_the_same_run()
    {
        await using var bench = await PredictionBench.StartAsync([Yaml.Contract, Yaml.Entity, Squares]);
        var item = new AppendItem("card-a", "PaymentAuthorised", """{"amount":1000000000000000,"country":"XX","occurred_at":"2026-01-31T11:00:00Z"}"""u8.ToArray());
        (await bench.SendAsync(new AppendEvents([item]))).Items[0].Verdict.ShouldBe(AppendVerdict.Quarantined);
        await bench.ApplyAsync(Yaml.Contract.With("version: 1.0.0", "version: 1.1.0").With("[FR, NO]", "[FR, NO, XX]"));

        var first = (await RedriveAsync(bench)).ShouldHaveSingleItem();
        first.State.ShouldBe(QuarantineState.Redriven);
        await KeepAsideAsync(bench, bench.Log.Events.Single(one => one.StreamId == "card-a"), "expression-overflow");

        await FailsAsync(bench, "expression-overflow");
    }

    [Fact]
    public async Task An_event_that_its_stream_holds_no_more_is_not_redriven_from_what_the_quarantine_kept_of_it()
    {
        await using var bench = await PredictionBench.StartAsync();
        await RefuseAsync(bench, """{"amount":5,"country":"XX","occurred_at":"2026-01-31T11:00:00Z"}""", "value-not-allowed");
        await bench.ApplyAsync(Yaml.Contract.With("version: 1.0.0", "version: 1.1.0").With("[FR, NO]", "[FR, NO, XX]"));
        bench.Log.Truncate("card-a", 1);

        await FailsAsync(bench, "quarantine-event-gone");
    }

    private static async Task RefuseAsync(PredictionBench bench, string data, string code)
    {
        await bench.Log.AppendToStreamAsync("card-a", StreamState.Any, [new EventData(Guid.NewGuid(), "PaymentAuthorised", Encoding.UTF8.GetBytes(data))]);
        await KeepAsideAsync(bench, bench.Log.Events[^1], code);
    }

    /// <summary>As the view does that reads the event.</summary>
    private static async Task KeepAsideAsync(PredictionBench bench, RecordedEvent recorded, string code)
    {
        var view = bench.Registry.Current.Views[View];
        var refused = view.Read(recorded).ShouldBeOfType<RowReading.Violation>();
        refused.Code.ShouldBe(code);
        using var telemetry = new ViewsTelemetry("test", () => []);
        await new Quarantine(bench.Log, view, telemetry, NullLogger.Instance).AppendAsync([new RefusedEvent(recorded, refused.Code, refused.Detail)], default);
    }

    private static async Task<QuarantineResolved> FailsAsync(PredictionBench bench, string code)
    {
        var failed = (await RedriveAsync(bench)).ShouldHaveSingleItem();
        (failed.State, failed.Code, failed.AppendedAt).ShouldBe((QuarantineState.Open, code, null));
        (await bench.SendAsync(new ListQuarantine())).Entries.ShouldHaveSingleItem().Id.ShouldBe(failed.Entry.Id);
        return failed;
    }

    private static async Task SucceedsAsync(PredictionBench bench)
    {
        var done = (await RedriveAsync(bench)).ShouldHaveSingleItem();
        (done.State, done.Code).ShouldBe((QuarantineState.Redriven, ""));
        done.AppendedAt.ShouldBe(done.Entry.Event.LoggedAt);
        bench.Log.Events.Count(one => one.StreamId == "card-a").ShouldBe(1);
        (await bench.SendAsync(new ListQuarantine())).Entries.ShouldBeEmpty();
    }

    private static async Task<List<QuarantineResolved>> RedriveAsync(PredictionBench bench) =>
        await (await bench.SendAsync(new ResolveQuarantined(QuarantineResolution.Redrive) { By = "ada" })).Results.ToListAsync();
}
