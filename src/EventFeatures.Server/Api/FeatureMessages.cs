using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureServices;
using EventFeatures.Core.Definitions;
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
    public static IEnumerable<FeatureMessage> ToMessages(this IReadOnlyList<ServiceValue> values, Instant asOf)
    {
        var times = new InstantTexts();
        foreach (var value in values)
        {
            var message = new FeatureMessage
            {
                Name = value.Name,
                Value = value.Value.ToMessage(),
                Status = ToMessage(value.Status),
                OccurredAt = times.Of(value.OccurredAt),
                Defaulted = value.Defaulted,
            };
            if (value.FreshnessAt(asOf) is { } age) message.AgeSeconds = age.Microseconds / 1e6;
            yield return message;
        }
    }

    public static GetFeaturesResponse ToMessage(this FeaturesAnswer answer) => new()
    {
        AsOf = answer.AsOf.ToString(),
        Features = { answer.Features.ToMessages(answer.AsOf) },
        Views = { answer.Views.Select(view => view.ToMessage()) },
    };

    public static GetFeatureBatchResponse ToMessage(this FeatureBatchAnswer answer)
    {
        var message = new GetFeatureBatchResponse { AsOf = answer.AsOf.ToString(), Names = { answer.Names } };
        foreach (var row in answer.Rows) message.Rows.Add(row.ToMessage());
        message.Views.Add(answer.ViewPoints());
        return message;
    }

    /// <summary>Each view that was read, with its backlog; without a row's own key and position.</summary>
    public static IEnumerable<ViewPoint> ViewPoints(this FeatureBatchAnswer answer)
    {
        var uses = answer.Rows[0].Views;
        for (var i = 0; i < uses.Count; i++)
        {
            yield return new ViewPoint
            {
                View = uses[i].View.ToString(),
                Digest = uses[i].Digest,
                Entity = uses[i].Entity,
                ContractDigest = uses[i].ContractDigest,
                Gap = answer.Views[i]?.Gap ?? 0,
                LagSeconds = answer.Views[i]?.Lag.TotalSeconds ?? 0,
            };
        }
    }

    private static FeatureVector ToMessage(this FeatureBatchVector row)
    {
        var message = new FeatureVector();
        var times = new InstantTexts();
        for (var i = 0; i < row.Values.Count; i++)
        {
            var value = row.Values[i];
            message.Values.Add(value.Value.ToMessage());
            message.Statuses.Add(ToMessage(value.Status));
            message.OccurredAt.Add(times.Of(value.OccurredAt));
            if (value.Defaulted) message.Defaulted.Add((uint)i);
        }
        foreach (var view in row.Views)
        {
            message.EntityKeys.Add(view.EntityKey);
            message.KnownAt.Add(view.KnownAt.Value);
        }
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

    /// <param name="status">The status.</param>
    /// <param name="registered">What says which version serves by the view's name alone, and which one is to.</param>
    public static ViewStatusMessage ToMessage(this ViewStatus status, RegistrySnapshot registered)
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
            Unkeyed = status.Unkeyed,
            Fault = status.Fault ?? "",
            Partitions = status.Partitions,
            PartitionsHere = status.PartitionsHere,
            Progress = status.Progress,
            Served = status.View == registered.ServedView(status.View.Name),
            BuiltFrom = status.BuiltFrom,
            ServesNext = registered.PlannedSwitches.TryGetValue(status.View.Name, out var planned) && planned.Version == status.View.Version,
        };
        if (status.Remaining is { } remaining) message.RemainingSeconds = remaining.TotalSeconds;
        if (status.Checkpoint is { } checkpoint) message.Checkpoint = checkpoint.Value;
        return message;
    }

    internal static StatusMessage ToMessage(FeatureStatus status) => status switch
    {
        FeatureStatus.Present => StatusMessage.Present,
        FeatureStatus.Null => StatusMessage.Null,
        FeatureStatus.NotFound => StatusMessage.NotFound,
        FeatureStatus.OutsideMaxAge => StatusMessage.OutsideMaxAge,
        FeatureStatus.Erased => StatusMessage.Erased,
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
