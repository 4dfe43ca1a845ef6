using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using MediatR;

namespace EventFeatures.Application.Predictions;

/// <summary>What a prediction rests on, down to events, definitions and the model's bytes.</summary>
public sealed record GetLineage(string PredictionId) : IRequest<PredictionLineage>;

/// <summary>What a prediction rests on.</summary>
/// <param name="PredictionId">The prediction.</param>
/// <param name="Stream">Its dossier's stream.</param>
/// <param name="Position">Its place in the log.</param>
/// <param name="AsOf">The instant that its features describe.</param>
/// <param name="Service">The feature service, <c>name@v1</c>.</param>
/// <param name="ServiceDigest">The digest of its definition.</param>
/// <param name="Views">Each view with its digest, its contract's digest and its position.</param>
/// <param name="Features">Each input with the events that it rests on.</param>
/// <param name="Model">The model, its digest and its training set's; null when the fallback answered.</param>
/// <param name="Route">Who answered.</param>
/// <param name="Software">The version of the software that answered.</param>
public sealed record PredictionLineage(
    string PredictionId, string Stream, Position Position, Instant AsOf, string Service, string ServiceDigest,
    IReadOnlyList<ViewUse> Views, IReadOnlyList<FeatureLineage> Features, ModelUse? Model, PredictionRoute Route, string Software);

/// <summary>What one input rests on.</summary>
/// <param name="Value">The input as the model saw it.</param>
/// <param name="View">The view that it comes from; null for an on-demand feature.</param>
/// <param name="Expression">The on-demand expression; null for a view's feature.</param>
/// <param name="DependsOn">For an on-demand feature, the inputs and context fields that it reads.</param>
/// <param name="Events">The events inside the feature's window that pass its filter, in fold order.</param>
public sealed record FeatureLineage(
    ServiceValue Value, ViewReference? View, string? Expression, IReadOnlyList<string> DependsOn, IReadOnlyList<LineageEvent> Events);

/// <summary>One event that a value rests on.</summary>
public sealed record LineageEvent(EventReference Reference, string EventType, Instant OccurredAt, Instant RecordedAt);
