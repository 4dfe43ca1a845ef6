using System.Diagnostics.Metrics;
using EventFeatures.Application.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Server.Load;
using Grpc.Core;
using Admission = EventFeatures.Server.Load.Admission;

namespace EventFeatures.Server.Telemetry;

/// <summary>What is measured of the API's calls and of the views' state. The other parts measure themselves.</summary>
internal sealed class ApiMetrics : IDisposable
{
    private static readonly double[] Boundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly Meter _meter = new("EventFeatures.Server");
    private readonly Histogram<double> _calls;

    public ApiMetrics(IOnlineViews views, Admission admission, OpenCalls open, ComingBytes coming, ProducerBuckets quotas)
    {
        var priorities = Enum.GetValues<CallPriority>();
        _meter.CreateObservableGauge("eventfeatures.load.in_work", () => Each(priorities, admission.InWork), "{call}", "Calls and requests that are worked on, by priority.");
        _meter.CreateObservableGauge("eventfeatures.load.waiting", () => Each(priorities, admission.Waiting), "{call}", "Calls and requests that wait for their turn, by priority.");
        _meter.CreateObservableGauge("eventfeatures.load.bytes_in_work", () => admission.BytesInWork, "By", "What the messages weigh that are worked on.");
        _meter.CreateObservableGauge("eventfeatures.load.bytes_coming", () => coming.Held, "By", "What has come in of messages that are not whole yet.");
        _meter.CreateObservableGauge("eventfeatures.load.open_calls", () => open.Count, "{call}", "Calls that are open.");
        _meter.CreateObservableGauge("eventfeatures.load.append_streams", () => open.AppendStreams, "{call}", "Streams of appends that are open.");
        _meter.CreateObservableGauge("eventfeatures.quota.producers", () => quotas.Remembered, "{producer}", "Producers that are told apart for their quotas.");
        _calls = _meter.CreateHistogram(
            "eventfeatures.call.duration", "s", "Time from a call's arrival to its answer, by method and status.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Boundaries });
        _meter.CreateObservableGauge("eventfeatures.view.entities", () => Each(views, status => status.Entities), "{entity}", "Entities that a view holds.");
        _meter.CreateObservableGauge("eventfeatures.view.quarantined", () => Each(views, status => status.Quarantined), "{event}", "Events that a view could not use.");
        _meter.CreateObservableGauge("eventfeatures.view.unkeyed", () => Each(views, status => status.Unkeyed), "{event}", "Events that a view counted for no entity, because their key is null.");
        _meter.CreateObservableGauge("eventfeatures.view.live", () => Each(views, status => status.State == "live" ? 1L : 0L), "1", "1 when the view is live, else 0.");
    }

    private static IEnumerable<Measurement<long>> Each(CallPriority[] priorities, Func<CallPriority, long> of) =>
        priorities.Select(priority => new Measurement<long>(of(priority), new KeyValuePair<string, object?>("priority", RefusalLog.NameOf(priority))));

    public void CallEnded(string method, StatusCode status, TimeSpan duration) =>
        _calls.Record(duration.TotalSeconds, new("method", method), new("status", status.ToString()));

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Each(IOnlineViews views, Func<ViewStatus, long> of) =>
        views.Status().Select(status => new Measurement<long>(of(status), new KeyValuePair<string, object?>("view", status.View.ToString())));
}
