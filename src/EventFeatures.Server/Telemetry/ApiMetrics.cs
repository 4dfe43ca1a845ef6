using System.Diagnostics.Metrics;
using EventFeatures.Core.FeatureViews;
using Grpc.Core;

namespace EventFeatures.Server.Telemetry;

/// <summary>What is measured of the API and of the views behind it. Names and units are documented in the project's README.</summary>
internal sealed class ApiMetrics : IDisposable
{
    public const string MeterName = "EventFeatures.Server";

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _calls;
    private readonly Counter<long> _events;
    private readonly Counter<long> _predictions;
    private readonly Counter<long> _outcomes;
    private readonly Histogram<double> _freshness;

    public ApiMetrics()
    {
        _calls = _meter.CreateHistogram("eventfeatures.call.duration", "s", "Time from a call's arrival to its answer.",
            advice: Buckets([0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]));
        _events = _meter.CreateCounter<long>("eventfeatures.events.appended", "{event}", "Events appended through the API.");
        _predictions = _meter.CreateCounter<long>("eventfeatures.predictions", "{prediction}", "Predictions answered, by model and route.");
        _outcomes = _meter.CreateCounter<long>("eventfeatures.outcomes", "{outcome}", "Outcomes recorded.");
        _freshness = _meter.CreateHistogram("eventfeatures.feature.age", "s", "Age of the newest event behind a served feature.",
            advice: Buckets([0.1, 1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800, 2_592_000]));
    }

    public void CallEnded(string method, StatusCode status, TimeSpan duration) =>
        _calls.Record(duration.TotalSeconds, new("method", method), new("status", status.ToString()));

    public void EventsAppended(int count) => _events.Add(count);

    public void PredictionAnswered(string model, string route) => _predictions.Add(1, new("model", model), new("route", route));

    public void OutcomeRecorded() => _outcomes.Add(1);

    public void FeatureServed(string view, double ageSeconds) => _freshness.Record(ageSeconds, new KeyValuePair<string, object?>("view", view));

    /// <summary>Publishes every view's backlog, asked for whenever metrics are read.</summary>
    public void Observe(IOnlineViews views)
    {
        _meter.CreateObservableGauge("eventfeatures.view.gap", () => Each(views, status => status.Gap), "{event}", "Events that a view is behind the log.");
        _meter.CreateObservableGauge("eventfeatures.view.lag", () => Each(views, status => status.Lag.TotalSeconds), "s", "Time that a view has been behind the log.");
        _meter.CreateObservableGauge("eventfeatures.view.entities", () => Each(views, status => status.Entities), "{entity}", "Entities that a view holds.");
        _meter.CreateObservableCounter("eventfeatures.view.events", () => Each(views, status => status.Events), "{event}", "Events that a view admitted.");
        _meter.CreateObservableCounter("eventfeatures.view.quarantined", () => Each(views, status => status.Quarantined), "{event}", "Events that a view could not use.");
        _meter.CreateObservableGauge("eventfeatures.view.live", () => Each(views, status => status.State == "live" ? 1 : 0), "1", "1 when the view is live, else 0.");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<T>> Each<T>(IOnlineViews views, Func<ViewStatus, T> of) where T : struct =>
        views.Status().Select(status => new Measurement<T>(of(status), new KeyValuePair<string, object?>("view", status.View.ToString())));

    private static InstrumentAdvice<double> Buckets(IReadOnlyList<double> boundaries) => new() { HistogramBucketBoundaries = boundaries };
}
