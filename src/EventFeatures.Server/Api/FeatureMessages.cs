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

    /// <summary>The answer with its features as columns.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="namesDigest">The digest of the names that the caller knows; empty when it knows none.</param>
    public static GetFeaturesResponse ToColumns(this FeaturesAnswer answer, string namesDigest) => new()
    {
        AsOf = answer.AsOf.ToString(),
        Columns = answer.Features.ToColumns().Named(answer.Names, namesDigest),
        Views = { answer.Views.Select(view => view.ToMessage()) },
    };

    public static GetFeatureBatchResponse ToMessage(this FeatureBatchAnswer answer) => answer.ToMessage(row => row.ToMessage());

    /// <summary>The answer with every row's features as columns.</summary>
    public static GetFeatureBatchResponse ToColumns(this FeatureBatchAnswer answer) => answer.ToMessage(row => new FeatureVector { Columns = row.Values.ToColumns() });

    private static GetFeatureBatchResponse ToMessage(this FeatureBatchAnswer answer, Func<FeatureBatchVector, FeatureVector> features)
    {
        var message = new GetFeatureBatchResponse { AsOf = answer.AsOf.ToString(), Names = { answer.Names } };
        foreach (var row in answer.Rows)
        {
            var vector = features(row);
            foreach (var view in row.Views)
            {
                vector.EntityKeys.Add(view.EntityKey);
                vector.KnownAt.Add(view.KnownAt.Value);
            }
            message.Rows.Add(vector);
        }
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
