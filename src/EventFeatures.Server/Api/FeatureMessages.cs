using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureServices;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;
using FeatureStatus = EventFeatures.Core.FeatureViews.FeatureStatus;
using StatusMessage = EventFeatures.Api.V1.FeatureStatus;
using FeatureMessage = EventFeatures.Api.V1.FeatureValue;
using ViewStatusMessage = EventFeatures.Api.V1.ViewStatus;
using ViewStatus = EventFeatures.Core.FeatureViews.ViewStatus;

namespace EventFeatures.Server.Api;

internal static class FeatureMessages
{
    public static FeatureMessage ToMessage(this ServiceValue value, Instant asOf)
    {
        var message = new FeatureMessage
        {
            Name = value.Name,
            Value = value.Value.ToMessage(),
            Status = ToMessage(value.Status),
            OccurredAt = value.OccurredAt?.ToString() ?? "",
            Defaulted = value.Defaulted,
        };
        if (value.FreshnessAt(asOf) is { } age) message.AgeSeconds = age.Microseconds / 1e6;
        return message;
    }

    public static ViewPoint ToMessage(this ViewAnswer view) => new()
    {
        View = view.View.ToString(),
        KnownAt = view.KnownAt.Value,
        Digest = view.Digest,
        EntityKey = view.EntityKey,
        Gap = view.Gap,
        LagSeconds = view.Lag.TotalSeconds,
    };

    public static ViewPoint ToMessage(this ViewUse view) => new()
    {
        View = view.View.ToString(),
        KnownAt = view.KnownAt.Value,
        Digest = view.Digest,
        Entity = view.Entity,
        EntityKey = view.EntityKey,
        ContractDigest = view.ContractDigest,
    };

    public static ViewStatusMessage ToMessage(this ViewStatus status)
    {
        var message = new ViewStatusMessage
        {
            View = status.View.ToString(),
            State = status.State,
            Gap = status.Gap,
            LagSeconds = status.Lag.TotalSeconds,
            Entities = status.Entities,
            Events = status.Events,
            Quarantined = status.Quarantined,
            Fault = status.Fault ?? "",
        };
        if (status.Checkpoint is { } checkpoint) message.Checkpoint = checkpoint.Value;
        return message;
    }

    private static StatusMessage ToMessage(FeatureStatus status) => status switch
    {
        FeatureStatus.Present => StatusMessage.Present,
        FeatureStatus.Null => StatusMessage.Null,
        FeatureStatus.NotFound => StatusMessage.NotFound,
        FeatureStatus.OutsideMaxAge => StatusMessage.OutsideMaxAge,
        FeatureStatus.Erased => StatusMessage.Erased,
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
