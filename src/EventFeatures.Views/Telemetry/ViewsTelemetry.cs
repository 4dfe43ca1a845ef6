using System.Diagnostics;
using System.Diagnostics.Metrics;
using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Views.Telemetry;

/// <summary>The metrics and traces of the views; the server exports them by these names.</summary>
public sealed class ViewsTelemetry : IDisposable
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string SourceName = "EventFeatures.Views";

    private readonly Meter _meter;
    private readonly Counter<long> _events;
    private readonly Counter<long> _notQuarantined;
    private readonly Histogram<double> _flush;
    private readonly Histogram<double> _freshness;

    internal ViewsTelemetry(string meter, Func<IReadOnlyList<ViewStatus>> status)
    {
        _meter = new Meter(meter);
        _events = _meter.CreateCounter<long>("eventfeatures.views.events", "{event}", "Events that a view took, by outcome.");
        _notQuarantined = _meter.CreateCounter<long>("eventfeatures.views.quarantine.failures", "{event}", "Refused events that their contract's quarantine cannot take, so that only the log holds them.");
        _flush = _meter.CreateHistogram<double>("eventfeatures.views.flush.duration", "s", "How long a commit of rows, states and checkpoint took.");
        _freshness = _meter.CreateHistogram<double>("eventfeatures.views.freshness", "s", "From the recording of an event in the log until reads saw it.");
        _meter.CreateObservableGauge("eventfeatures.views.gap", () => Each(status(), view => view.Gap), "{event}", "How far a view is behind the log, in events.");
        _meter.CreateObservableGauge("eventfeatures.views.lag", () => Each(status(), view => view.Lag.TotalSeconds), "s", "How long a view has been behind the log.");
    }

    internal static ActivitySource Activities { get; } = new(SourceName);

    internal void Folded(KeyValuePair<string, object?> view, string outcome) =>
        _events.Add(1, view, new KeyValuePair<string, object?>("outcome", outcome));

    internal void NotQuarantined(string view) => _notQuarantined.Add(1, new KeyValuePair<string, object?>("view", view));

    internal void Visible(KeyValuePair<string, object?> view, TimeSpan freshness) => _freshness.Record(freshness.TotalSeconds, view);

    internal void Flushed(ViewReference view, TimeSpan duration) => _flush.Record(duration.TotalSeconds, Tag(view));

    internal bool MeasuresFreshness => _freshness.Enabled;

    internal bool CountsEvents => _events.Enabled;

    private static IEnumerable<Measurement<T>> Each<T>(IReadOnlyList<ViewStatus> views, Func<ViewStatus, T> value) where T : struct =>
        views.Select(view => new Measurement<T>(value(view), Tag(view.View)));

    /// <summary>How a view is named; for what happens often it is made once.</summary>
    internal static KeyValuePair<string, object?> Tag(ViewReference view) => new("view", view.ToString());

    /// <summary>Ends the measuring.</summary>
    public void Dispose() => _meter.Dispose();
}
