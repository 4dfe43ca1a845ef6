using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Online;
using EventFeatures.Views.FeatureViews.Partitions;
using EventFeatures.Views.FeatureViews.Storage;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>Where each entity is a stream: its own state says which of its events count.</summary>
internal sealed class StreamFold(
    CompiledView view, ViewStorage storage, OwnedPartitions owned, HotStates states, WriteBehind writes, ViewHealth health, ILogger logger)
    : FoldPath(view, storage, owned, states, writes, health, logger)
{
    public override async Task LoadAsync(IReadOnlyList<FoldStep> steps, CancellationToken cancellation)
    {
        await base.LoadAsync(steps, cancellation);
        var missing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var step in steps)
        {
            if (step.Reading is not RowReading.Row { Value: var row }) continue;
            step.Entity = Find(row.EntityKey);
            if (step.Entity is null) missing.Add(row.EntityKey);
        }
        var loaded = await LoadEntitiesAsync(missing, cancellation);
        foreach (var step in steps)
            if (step is { Entity: null, Reading: RowReading.Row { Value: var row } }) step.Entity = loaded[row.EntityKey];
    }

    public override bool MustAsk(FoldStep step) => step.Entity is { HasForgottenIds: true };

    public override string Apply(FoldStep step, RecordedEvent recorded, PendingBatch batch)
    {
        switch (step.Reading)
        {
            case RowReading.Row { Value: var row }:
                var entity = step.Entity!;
                var newest = entity.Newest;
                var admission = entity.Offer(row, step.IsKnown || (entity.HasForgottenIds && IsKnown(step)), batch);
                if (admission == Admission.Redelivered) return "redelivered";
                batch.FirstEffect ??= recorded.Position;
                Count(entity, batch);
                if (admission == Admission.Late) return RefuseLate(batch, recorded, 0, row.OccurredAt, newest);
                if (admission == Admission.Duplicate) return Repeat(batch);
                batch.Rows.Add(row);
                Remember(step, batch);
                batch.Totals = batch.Totals with { Events = batch.Totals.Events + 1 };
                return Admitted;
            case RowReading.Violation { Code: var code, Detail: var detail }:
                return Refuse(batch, recorded, code, detail, "violation");
            default:
                return "not mine";
        }
    }
}
