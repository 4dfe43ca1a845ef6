using System.Diagnostics.Metrics;
using System.Text;
using EventFeatures.Application.TrainingSets.Consistency;
using EventFeatures.Application.TrainingSets.Consistency.Watching;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Monitoring;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using EventFeatures.Testing.Specs;
using EventFeatures.UnitTests.Definitions;
using EventFeatures.UnitTests.Predictions;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.TrainingSets;

public sealed class ConsistencyWatchTests
{
    private static readonly ConsistencyWatchOptions Quick = new() { ShareMax = 1, VectorsTogether = 7, IdlePause = TimeSpan.FromMilliseconds(5) };

    [Fact]
    public async Task Every_served_vector_is_compared_once_over_any_number_of_processes()
    {
        await using var bench = await StartAsync();
        var work = new OneWork();
        await RunAsync(bench, work, state => state.Served.Vectors >= 14);
        await PredictAsync(bench, 40, 45);
        await RunAsync(bench, work, state => state.Served.Vectors >= 45);

        var state = WatchState.Read(work.State);
        state.Served.ShouldBe(new PathCounts(45, 135, 0));
        state.Mismatches.ShouldBeEmpty();
        state.Checked.ShouldBe((await bench.Log.ReadHeadAsync())!.Value.Value);
        bench.Log.Events.ShouldNotContain(recorded => recorded.StreamId == ConsistencyMismatchFound.Stream);
    }

    [Fact]
    public async Task A_recorded_value_that_was_altered_is_counted_and_told_by_an_event()
    {
        await using var bench = await StartAsync();
        var made = PredictionJson.Read(bench.Log.Events.Last(recorded => recorded.Type == PredictionMade.Type).Data);
        for (var i = 0; i < 3; i++)
        {
            var altered = made with { PredictionId = $"altered-{i}", Features = [made.Features[0], made.Features[1] with { Value = Value.Of(-1.5) }, made.Features[2]] };
            await bench.Log.AppendToStreamAsync($"prediction-altered-{i}", StreamState.NoStream, [new EventData(Guid.NewGuid(), PredictionMade.Type, PredictionJson.Write(altered))]);
        }
        var work = new OneWork();
        await RunAsync(bench, work, state => state.Served.Vectors >= 43);

        var mismatch = WatchState.Read(work.State).Mismatches.ShouldHaveSingleItem();
        (mismatch.Path, mismatch.Feature, mismatch.Count).ShouldBe(("served", "card_activity__mean_7d", 3));
        var told = bench.Log.Events.Where(recorded => recorded.StreamId == ConsistencyMismatchFound.Stream).ShouldHaveSingleItem();
        told.Type.ShouldBe("ConsistencyMismatchFound");
        Encoding.UTF8.GetString(told.Data.Span).ShouldContain("prediction altered-0 as of ");
    }

    [Fact]
    public async Task A_dossier_that_cannot_be_read_or_does_not_fit_is_counted_and_holds_nothing_up()
    {
        await using var bench = await StartAsync();
        var made = PredictionJson.Read(bench.Log.Events.Last(recorded => recorded.Type == PredictionMade.Type).Data);
        // As whoever may append straight to the log can leave them.
        await ForgeAsync("unreadable", "{}"u8.ToArray());
        await ForgeAsync("doubled", PredictionJson.Write(made with { PredictionId = "doubled", Views = [made.Views[0], made.Views[0]] }));
        await ForgeAsync("viewless", PredictionJson.Write(made with { PredictionId = "viewless", Views = [] }));
        await ForgeAsync("ahead", PredictionJson.Write(made with { PredictionId = "ahead", Views = [made.Views[0] with { KnownAt = new Position(1_000_000) }] }));
        await PredictAsync(bench, 40, 45);

        var work = new OneWork();
        await RunAsync(bench, work, state => state.Served.Vectors >= 45);
        var state = WatchState.Read(work.State);
        (state.Served, state.NotComparable, state.Mismatches.Count).ShouldBe((new PathCounts(45, 135, 0), 4, 0));
        var report = await bench.SendAsync(new CheckConsistency("fraud"));
        report.NotComparable.ShouldBe(new Dictionary<string, long> { ["definition-invalid"] = 1, ["dossier-inconsistent"] = 2, ["dossier-unreadable"] = 1 }, ignoreOrder: true);

        Task ForgeAsync(string id, ReadOnlyMemory<byte> data) =>
            bench.Log.AppendToStreamAsync($"prediction-{id}", StreamState.NoStream, [new EventData(Guid.NewGuid(), PredictionMade.Type, data)]);
    }

    [Fact]
    public async Task A_log_that_ends_before_what_was_compared_is_another_one_and_is_compared_from_its_start()
    {
        await using var bench = await StartAsync();
        var work = new OneWork { State = new WatchState { Checked = 1_000_000 }.ToString() };
        await RunAsync(bench, work, state => state.Served.Vectors >= 40);
        WatchState.Read(work.State).Served.ShouldBe(new PathCounts(40, 120, 0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_view_that_is_stopped_or_being_built_holds_up_its_own_predictions_alone_and_the_backlog_is_measured_all_the_while(bool isBuilding)
    {
        await using var bench = await StartAsync();
        await bench.ApplyAsync(Yaml.View.With("name: card_activity", "name: card_profile"));
        var work = new OneWork { State = new WatchState { Checked = (await bench.Log.ReadHeadAsync())!.Value.Value }.ToString() };
        await bench.Log.AppendToStreamAsync("prediction-unreadable", StreamState.NoStream, [new EventData(Guid.NewGuid(), PredictionMade.Type, "{}"u8.ToArray())]);
        await PredictAsync(bench, 40, 45);
        (bench.Views.HaveStatus, bench.Views.AreBuilding) = (true, isBuilding);
        bench.Views.Stopped.Add(new ViewReference("card_activity", 1));
        bench.Views.Emptied.Add(new ViewReference("card_profile", 1));
        var failures = 0;
        await using var watch = new ConsistencyWatch(bench.Registry, bench.Views, bench.Views, bench.Log, work, Quick, TimeProvider.System);
        watch.Failed += _ => Interlocked.Increment(ref failures);
        watch.Start();

        await UntilAsync(state => state.Mismatches.Any(mismatch => mismatch.Path == "online" && mismatch.Feature == "card_profile__count_1h"));
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref failures) >= 3), TimeSpan.FromSeconds(20), () => "It is not told that predictions wait.");
        var (gap, lag) = Measured();
        gap.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(6);
        lag.ShouldNotBeNull().ShouldBeGreaterThan(0);
        WatchState.Read(work.State).Served.Vectors.ShouldBe(0);

        bench.Views.Stopped = [];
        await UntilAsync(state => state.Served.Vectors >= 5);
        await watch.StopAsync();
        var state = WatchState.Read(work.State);
        (state.Served, state.NotComparable).ShouldBe((new PathCounts(5, 15, 0), 1));

        Task UntilAsync(Func<WatchState, bool> until) => Eventually.TrueAsync(() => Task.FromResult(until(WatchState.Read(work.State))), TimeSpan.FromSeconds(20), () => work.State);
    }

    [Fact]
    public void A_feature_that_goes_on_differing_is_told_of_now_and_then_with_all_that_was_counted()
    {
        var (state, hour) = (new WatchState(), Duration.Parse("1h"));
        var found = new ConsistencyReport(new PathCounts(1, 2, 1), new PathCounts(0, 0, 0), [new FeatureMismatch("served", "f", 1, "this")], 0, new Dictionary<string, long>());
        (state, var told) = state.With(found, At(0), hour);
        told.ShouldHaveSingleItem().Count.ShouldBe(1);
        for (var minute = 1; minute < 60; minute++)
        {
            (state, told) = state.With(found, At(minute), hour);
            told.ShouldBeEmpty();
        }
        (state, told) = state.With(found, At(60), hour);
        told.ShouldHaveSingleItem().Count.ShouldBe(60);
        state.Mismatches.ShouldHaveSingleItem().Count.ShouldBe(61);
        WatchState.Read(state.ToString()).Mismatches.ShouldBe(state.Mismatches);

        static Instant At(int minute) => Instant.Parse("2026-01-01T00:00:00Z") + new Duration(60_000_000L * minute);
    }

    /// <summary>The gauges' values; null for one that is not measured.</summary>
    private static (long? Gap, double? Lag) Measured()
    {
        var (gap, lag) = ((long?)null, (double?)null);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, hears) =>
        {
            if (instrument.Name is "eventfeatures.consistency.gap" or "eventfeatures.consistency.lag") hears.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => gap = value);
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => lag = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return (gap, lag);
    }

    private static async Task<PredictionBench> StartAsync()
    {
        var bench = await PredictionBench.StartAsync(champion: [0.5f, -0.01f, 0.2f]);
        for (var i = 0; i < 40; i++) await bench.PayAsync($"c{i % 5}", 10m + i, i - 100);
        await PredictAsync(bench, 0, 40);
        return bench;
    }

    private static async Task PredictAsync(PredictionBench bench, int from, int until)
    {
        for (var i = from; i < until; i++) await bench.PredictAsync($"c{i % 6}", $"p-{i}", amount: i, asOf: PredictionBench.At(i - 100));
    }

    private static async Task RunAsync(PredictionBench bench, OneWork work, Func<WatchState, bool> until)
    {
        await using var watch = new ConsistencyWatch(bench.Registry, bench.Views, bench.Views, bench.Log, work, Quick, TimeProvider.System);
        watch.Start();
        await Eventually.TrueAsync(() => Task.FromResult(until(WatchState.Read(work.State))), TimeSpan.FromSeconds(20), () => work.State);
        await watch.StopAsync();
    }

    /// <summary>What one process alone keeps.</summary>
    private sealed class OneWork : ISharedWork
    {
        public string State { get; set; } = "";

        public Task<string?> TryTakeAsync(string work, TimeSpan duration, CancellationToken cancellation = default) => Task.FromResult<string?>(State);

        public Task<bool> KeepAsync(string work, string state, TimeSpan duration, CancellationToken cancellation = default)
        {
            State = state;
            return Task.FromResult(true);
        }

        public Task LeaveAsync(string work, CancellationToken cancellation = default) => Task.CompletedTask;

        public Task<SharedWorkState?> ReadAsync(string work, CancellationToken cancellation = default) => Task.FromResult<SharedWorkState?>(new SharedWorkState(State, "one"));
    }
}
