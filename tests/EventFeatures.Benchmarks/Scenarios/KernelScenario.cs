using System.Diagnostics;
using System.Globalization;
using EventFeatures.Benchmarks.Limits;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;

namespace EventFeatures.Benchmarks.Scenarios;

/// <summary>Reading events and folding them into their entities' states, on one core and without a log or a database.</summary>
internal static class KernelScenario
{
    /// <summary>The rate, and how long the states are that came out.</summary>
    public static Measurement Run(CompiledView view, BenchScale scale)
    {
        var events = Enumerable.Range(0, scale.Events).Select(number => Recorded(number)).ToList();
        Fold(view, events);
        var watch = Stopwatch.StartNew();
        var states = Fold(view, events);
        var elapsed = watch.Elapsed;
        var bytes = states.Values.Average(state => (double)state.ToBytes().Length);
        return new Measurement(
            $"fold {view.View.Features.Count} features, one core", "events", events.Count / elapsed.TotalSeconds, "parse of as many events",
            JsonParse.Measure(BenchEvents.Payload(1), scale.Duration / 2), string.Create(CultureInfo.InvariantCulture, $"{states.Count:N0} states of {bytes:N0} bytes"));
    }

    private static Dictionary<string, EntityState> Fold(CompiledView view, List<RecordedEvent> events)
    {
        var states = new Dictionary<string, EntityState>(StringComparer.Ordinal);
        foreach (var recorded in events)
        {
            var row = RowOf(view, recorded);
            if (!states.TryGetValue(row.EntityKey, out var state)) states.Add(row.EntityKey, state = view.NewState(row.EntityKey));
            state.Offer(row);
        }
        return states;
    }

    private static FeatureRow RowOf(CompiledView view, RecordedEvent recorded) => view.Read(recorded) is RowReading.Row { Value: var row }
        ? row
        : throw new InvalidOperationException($"The event at {recorded.Position} is none of the view's; a rate would mean nothing.");

    private static RecordedEvent Recorded(int number) => new(
        "benchcard-" + BenchEvents.Card(number), number / BenchEvents.Cards, new Position((ulong)number + 1), Guid.NewGuid(), "PaymentAuthorised",
        Instant.Parse(BenchEvents.Time(number)), "application/json", BenchEvents.Payload(number), default);
}
