using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace EventFeatures.Application.Pipeline;

/// <summary>The names under which the use cases are traced and measured.</summary>
public static class ApplicationTelemetry
{
    /// <summary>The name of both the activity source and the meter.</summary>
    public const string SourceName = "EventFeatures.Application";

    internal static readonly ActivitySource Source = new(SourceName);

    private static readonly Meter Meter = new(SourceName);

    internal static readonly Histogram<double> RequestDuration = Meter.CreateHistogram<double>(
        "eventfeatures.request.duration", "s", "How long commands and queries take, by request and outcome.");

    internal static readonly Counter<long> EventsAppended = Meter.CreateCounter<long>(
        "eventfeatures.events.appended", "{event}", "Events by what became of them: accepted, quarantined, rejected.");

    internal static readonly Counter<long> Predictions = Meter.CreateCounter<long>(
        "eventfeatures.predictions", "{prediction}", "Predictions by model, route and fallback code.");

    internal static readonly Histogram<double> PredictionStage = Meter.CreateHistogram<double>(
        "eventfeatures.prediction.stage.duration", "s", "How long each stage of a prediction takes.");

    internal static readonly Counter<long> Replays = Meter.CreateCounter<long>(
        "eventfeatures.replays", "{prediction}", "Replayed predictions by verdict.");

    internal static readonly Counter<long> ConsistencyCompared = Meter.CreateCounter<long>(
        "eventfeatures.consistency.compared", "{value}", "Feature values that were compared with the batch path, by path: served, online.");

    internal static readonly Counter<long> ConsistencyMismatches = Meter.CreateCounter<long>(
        "eventfeatures.consistency.mismatches", "{value}", "Feature values that differ from the batch path, by path and feature; 0 is expected.");

    internal static readonly Counter<long> VectorReads = Meter.CreateCounter<long>(
        "eventfeatures.vectors.reads", "{read}", "Reads of services that precompute, by outcome: served, or why it was computed on the spot.");

    internal static readonly Counter<long> VectorsComputed = Meter.CreateCounter<long>(
        "eventfeatures.vectors.computed", "{vector}", "Vectors computed because rows changed, by outcome: kept, or why not.");

    internal static readonly UpDownCounter<long> Subscriptions = Meter.CreateUpDownCounter<long>(
        "eventfeatures.subscriptions", "{subscription}", "Subscriptions to services' changes that are open.");

    internal static readonly Counter<long> SubscriptionUpdates = Meter.CreateCounter<long>(
        "eventfeatures.subscription.updates", "{vector}", "Vectors sent to subscribers.");

    internal static readonly Counter<long> SubscriptionCoalesced = Meter.CreateCounter<long>(
        "eventfeatures.subscription.coalesced", "{change}", "Changes that a newer one of the same entity stood in for.");

    internal static readonly Histogram<double> Freshness = Meter.CreateHistogram<double>(
        "eventfeatures.feature.freshness", "s", "How old the newest event behind a view's features is when a prediction reads them.");
}
