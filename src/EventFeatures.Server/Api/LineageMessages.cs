using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Application.Predictions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Predictions;
using EventMessage = EventFeatures.Api.V1.LineageEvent;
using FeatureLineage = EventFeatures.Application.Predictions.FeatureLineage;
using FeatureLineageMessage = EventFeatures.Api.V1.FeatureLineage;
using ValueOriginMessage = EventFeatures.Api.V1.ValueOrigin;

namespace EventFeatures.Server.Api;

internal static class LineageMessages
{
    public static LineageResponse Of(PredictionLineage lineage, RegistrySnapshot registry) => new()
    {
        PredictionId = lineage.PredictionId,
        Stream = lineage.Stream,
        Position = lineage.Position.Value,
        AsOf = lineage.AsOf.ToString(),
        Model = lineage.Model?.Name ?? "",
        ModelVersion = lineage.Model?.Version ?? 0,
        ModelDigest = lineage.Model?.Digest ?? "",
        TrainingSetDigest = lineage.Model?.TrainingSetDigest ?? "",
        Service = lineage.Service,
        ServiceDigest = lineage.ServiceDigest,
        Route = lineage.Route.Name,
        Software = lineage.Software,
        Features = { lineage.Features.Select(feature => ToMessage(feature, lineage, registry)) },
    };

    public static EventLineageResponse Of(EventLineage lineage, string eventId) => new()
    {
        Uses =
        {
            lineage.Uses.Select(use => new EventFeatures.Api.V1.EventUse
            {
                View = use.View.ToString(), EntityKey = use.EntityKey,
                Event = new EventMessage { EventId = eventId, Stream = use.StreamId, Revision = use.Revision, Position = use.Position.Value, Type = use.EventType, OccurredAt = use.OccurredAt.ToString() },
            }),
        },
        Predictions =
        {
            lineage.Predictions.Select(touched => new EventFeatures.Api.V1.TouchedPrediction
            {
                PredictionId = touched.PredictionId, Position = touched.Position.Value, Model = touched.Model, AsOf = touched.AsOf.ToString(), Features = { touched.Features },
            }),
        },
        PredictionCount = lineage.PredictionCount,
        NotTraced = lineage.NotTraced,
    };

    public static ValueLineageResponse Of(ValueLineage lineage) => new()
    {
        View = lineage.View.ToString(),
        ViewDigest = lineage.Digest,
        Entity = lineage.Entity,
        EntityKey = lineage.EntityKey,
        AsOf = lineage.AsOf.ToString(),
        KnownAt = lineage.KnownAt.Value,
        Features =
        {
            lineage.Features.Select(feature => new ValueOriginMessage
            {
                Value = new[] { feature.Value }.ToMessages(lineage.AsOf).Single(),
                EventCount = feature.EventCount,
                Events = { feature.Events.Select(ToMessage) },
            }),
        },
    };

    public static EventMessage Of(EventReference reference) => new()
    {
        EventId = reference.EventId.ToString(),
        Stream = reference.StreamId,
        Revision = reference.Revision,
        Position = reference.Position.Value,
    };

    private static FeatureLineageMessage ToMessage(FeatureLineage feature, PredictionLineage lineage, RegistrySnapshot registry)
    {
        var view = lineage.Views.FirstOrDefault(use => use.View == feature.View);
        return new FeatureLineageMessage
        {
            Name = feature.Value.Name,
            Value = new[] { feature.Value }.ToMessages(lineage.AsOf).Single(),
            View = feature.View?.ToString() ?? "",
            ViewDigest = view?.Digest ?? "",
            Contract = feature.View is { } reference && registry.Views.TryGetValue(reference, out var compiled)
                ? string.Join('+', compiled.Contracts.Select(contract => contract.Reference)) : "",
            ContractDigest = view?.ContractDigest ?? "",
            KnownAt = view?.KnownAt.Value ?? 0,
            Expression = feature.Expression ?? "",
            DependsOn = { feature.DependsOn },
            EventCount = feature.EventCount,
            Events = { feature.Events.Select(ToMessage) },
        };
    }

    private static EventMessage ToMessage(Application.Predictions.LineageEvent rested)
    {
        var message = Of(rested.Reference);
        message.Type = rested.EventType;
        message.OccurredAt = rested.OccurredAt.ToString();
        message.RecordedAt = rested.RecordedAt.ToString();
        return message;
    }
}
