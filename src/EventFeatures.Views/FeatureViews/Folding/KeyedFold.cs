using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Online;
using EventFeatures.Views.FeatureViews.Partitions;
using EventFeatures.Views.FeatureViews.Storage;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>
/// Where entities are not streams: an entity's events come from many streams and a stream's events go to many
/// entities. So each stream's facts say which of its events count, and those that do are rows of their entities.
/// </summary>
internal sealed class KeyedFold(
    CompiledView view, ViewStorage storage, OwnedPartitions owned, HotStates states, HotStreams streams, WriteBehind writes, ViewHealth health, ILogger logger)
    : FoldPath(view, storage, owned, states, writes, health, logger)
{
    public override async Task LoadAsync(IReadOnlyList<FoldStep> steps, CancellationToken cancellation)
    {
        await base.LoadAsync(steps, cancellation);
        await LoadStreamsAsync(steps, cancellation);
        var missing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var step in steps)
        {
            if (step.Reading is not RowReading.Rows { Values: { Count: > 0 } rows }) continue;
            step.Entities = new HotEntity[rows.Count];
            for (var i = 0; i < rows.Count; i++)
                if (Find(rows[i].EntityKey) is { } entity) step.Entities[i] = entity;
                else missing.Add(rows[i].EntityKey);
        }
        var loaded = await LoadEntitiesAsync(missing, cancellation);
        foreach (var step in steps)
            for (var i = 0; i < step.Entities.Length; i++)
                step.Entities[i] ??= loaded[((RowReading.Rows)step.Reading!).Values[i].EntityKey];
    }

    public override bool MustAsk(FoldStep step) => step.Stream is { Facts.HasForgottenIds: true };

    public override string Apply(FoldStep step, RecordedEvent recorded, PendingBatch batch)
    {
        switch (step.Reading)
        {
            case RowReading.Rows rows:
                batch.FirstEffect ??= recorded.Position;
                var facts = step.Stream!.Facts;
                var lateness = View.Contracts[rows.Source].AllowedLateness;
                var admission = facts.Decide(recorded, rows.OccurredAt, lateness, step.IsKnown || (facts.HasForgottenIds && IsKnown(step)), out var next);
                step.Stream.Become(next, batch);
                if (admission == Admission.Late) return RefuseLate(batch, recorded, rows.Source, rows.OccurredAt, facts.Newest);
                if (admission == Admission.Duplicate) return Repeat(batch);
                Remember(step, batch);
                return rows.Values.Count > 0 ? Admit(step, rows.Values, batch) : PassOver(step, rows.Unkeyed is not null, batch);
            case RowReading.Violation { Code: var code, Detail: var detail }:
                return Refuse(batch, recorded, code, detail, "violation");
            default:
                return "not mine";
        }
    }

    public override void Trim()
    {
        base.Trim();
        streams.Trim(Writes.CommittedNumber);
    }

    private static string Admit(FoldStep step, IReadOnlyList<FeatureRow> rows, PendingBatch batch)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            step.Entities[i].Offer(rows[i], knownDuplicate: false, batch);
            Count(step.Entities[i], batch);
        }
        batch.Rows.AddRange(rows);
        // An event that touches many entities is as much work as many events.
        batch.EventCount += rows.Count - 1;
        batch.Totals = batch.Totals with { Events = batch.Totals.Events + 1 };
        return Admitted;
    }

    // Its id counts all the same, and no row will tell.
    private static string PassOver(FoldStep step, bool isUnkeyed, PendingBatch batch)
    {
        batch.Rowless.Add((StreamOf(step), step.Recorded!.EventId));
        if (!isUnkeyed) return "filtered";
        batch.Totals = batch.Totals with { Unkeyed = batch.Totals.Unkeyed + 1 };
        return "unkeyed";
    }

    private async Task LoadStreamsAsync(IReadOnlyList<FoldStep> steps, CancellationToken cancellation)
    {
        var missing = new HashSet<StreamKey>();
        foreach (var step in steps)
            if (step.Reading is RowReading.Rows && (step.Stream = streams.Find(StreamOf(step))) is null) missing.Add(StreamOf(step));
        if (missing.Count == 0) return;
        var loaded = new Dictionary<StreamKey, HotStream>();
        if (!streams.IsComplete)
            foreach (var (key, facts) in await QueryAsync("load streams", "from the database", token => Storage.LoadStreamsAsync(missing, token), cancellation))
                loaded[key] = streams.Add(key, facts);
        foreach (var step in steps)
        {
            if (step.Stream is not null || step.Reading is not RowReading.Rows) continue;
            if (!loaded.TryGetValue(StreamOf(step), out var stream)) loaded[StreamOf(step)] = stream = streams.Add(StreamOf(step), StreamFacts.None);
            step.Stream = stream;
        }
    }
}
