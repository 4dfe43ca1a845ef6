using System.Diagnostics;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Views.FeatureViews.Online;
using EventFeatures.Views.FeatureViews.Storage;
using EventFeatures.Views.Telemetry;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>
/// Folds the log's messages, in order, into the hot states and the open batch. Whatever it folds is visible to reads
/// before it is committed. Used by one task at a time.
/// </summary>
internal sealed class ViewFold(
    CompiledView view, ViewStorage storage, HotStates states, WriteBehind writes, ViewProgress progress, ViewHealth health,
    ViewsTelemetry telemetry, TimeProvider time, ILogger logger)
{
    private readonly List<Step> _steps = [];
    private readonly HashSet<(string Stream, Guid EventId)> _admitted = [];

    public async Task FoldAsync(IReadOnlyList<LogMessage> messages, CancellationToken cancellation)
    {
        _steps.Clear();
        _admitted.Clear();
        foreach (var message in messages) _steps.Add(Read(message));
        await LoadAsync(cancellation);
        for (var i = 0; i < _steps.Count; i++)
        {
            // Asked only now, because an entity may come to forget ids while this very batch is folded.
            if (_steps[i] is { Entity.HasForgottenIds: true, IsChecked: false }) await CheckAsync(i, cancellation);
            Apply(_steps[i]);
        }
        states.Trim();
    }

    private Step Read(LogMessage message)
    {
        if (message is not LogMessage.Event { Recorded: var recorded }) return new Step(message, null, null);
        try
        {
            return new Step(message, recorded, view.Read(recorded));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // One event that the view's code cannot stand must not stop all that come after it.
            return new Step(message, recorded, new RowReading.Violation("projection-failed", $"{exception.GetType().Name}: {exception.Message}"));
        }
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        HashSet<string>? missing = null;
        foreach (var step in _steps)
        {
            if (step.Row is not { } row) continue;
            step.Entity = states.Find(row.EntityKey);
            if (step.Entity is null) (missing ??= new HashSet<string>(StringComparer.Ordinal)).Add(row.EntityKey);
            else step.Entity.Touch();
        }
        if (missing is null) return;
        var loaded = new Dictionary<string, HotEntity>(StringComparer.Ordinal);
        if (!states.IsComplete)
            foreach (var entity in await health.TryAsync("load entities", () => "from the database", token => storage.LoadAsync(missing, token), cancellation))
                loaded[entity.Key] = states.Add(entity);
        foreach (var step in _steps)
        {
            if (step.Entity is not null || step.Row is not { } row) continue;
            if (!loaded.TryGetValue(row.EntityKey, out var entity))
                loaded[row.EntityKey] = entity = states.Add(new HotEntity(view.NewState(row.EntityKey)) { IsNew = true });
            step.Entity = entity;
        }
    }

    /// <summary>Finds, for all remaining rows of entities that forgot ids, which of their events are known already.</summary>
    private async Task CheckAsync(int from, CancellationToken cancellation)
    {
        var asked = new List<Step>();
        for (var i = from; i < _steps.Count; i++)
        {
            if (_steps[i] is not { Entity.HasForgottenIds: true, IsChecked: false } step) continue;
            step.IsChecked = true;
            // Memory first: an id that leaves it while the database is asked has been committed before it left.
            if (writes.HasId(step.Row!.StreamId, step.Row.EventId)) step.IsKnown = true;
            else asked.Add(step);
        }
        if (asked.Count == 0) return;
        var known = await health.TryAsync("look for duplicates", () => "in the batch view",
            token => storage.Rows.FindIdsAsync([.. asked.Select(step => step.Row!.EventId).Distinct()], token), cancellation);
        foreach (var step in asked) step.IsKnown = known.Contains((step.Row!.StreamId, step.Row.EventId));
    }

    private void Apply(Step step)
    {
        if (step.Message is LogMessage.CaughtUp)
        {
            progress.CaughtUp();
            writes.CaughtUp();
            health.Healed(ViewHealth.Run);
            ViewsLog.CaughtUp(logger, storage.View.ToString(), progress.Known?.ToString() ?? "the log's start");
            return;
        }
        if (step.Message is LogMessage.Checkpoint { Position: var checkpoint })
        {
            lock (writes.Gate)
                if (!(checkpoint <= writes.Open.Checkpoint)) writes.Applied(checkpoint);
            progress.Advance(checkpoint);
            return;
        }
        var recorded = step.Recorded!;
        using var activity = Trace(recorded);
        string outcome;
        lock (writes.Gate)
        {
            var batch = writes.Open;
            // Delivered again after a resubscription: what it did is done.
            if (recorded.Position <= batch.Checkpoint) outcome = "redelivered";
            else
            {
                outcome = Apply(step, recorded, batch);
                batch.EventCount++;
                writes.Applied(recorded.Position);
                progress.Totals = batch.Totals;
            }
        }
        progress.Advance(recorded.Position);
        progress.Folded();
        if (telemetry.CountsEvents) telemetry.Folded(storage.View, outcome);
        if (telemetry.MeasuresFreshness) telemetry.Visible(storage.View, time.GetUtcNow() - recorded.Created.ToDateTimeOffset());
    }

    private string Apply(Step step, RecordedEvent recorded, PendingBatch batch)
    {
        switch (step.Reading)
        {
            case RowReading.Row { Value: var row }:
                var known = step.IsKnown || (step.Entity!.HasForgottenIds && _admitted.Contains((row.StreamId, row.EventId)));
                var newest = step.Entity!.Newest;
                var admission = step.Entity.Offer(row, known, batch);
                if (admission == Admission.Redelivered) return "redelivered";
                batch.FirstEffect ??= recorded.Position;
                if (step.Entity.IsNew)
                {
                    step.Entity.IsNew = false;
                    batch.Totals = batch.Totals with { Entities = batch.Totals.Entities + 1 };
                }
                if (admission == Admission.Late) return Refuse(batch, recorded, "late", Late(row, newest), "late");
                if (admission == Admission.Duplicate)
                {
                    batch.Totals = batch.Totals with { Duplicates = batch.Totals.Duplicates + 1 };
                    return "duplicate";
                }
                batch.Rows.Add(row);
                batch.Ids.Add((row.StreamId, row.EventId));
                _admitted.Add((row.StreamId, row.EventId));
                batch.Totals = batch.Totals with { Events = batch.Totals.Events + 1 };
                return "admitted";
            case RowReading.Violation { Code: var code, Detail: var detail }:
                batch.FirstEffect ??= recorded.Position;
                return Refuse(batch, recorded, code, detail, "violation");
            default:
                return "not mine";
        }
    }

    private string Refuse(PendingBatch batch, RecordedEvent recorded, string code, string detail, string outcome)
    {
        batch.Refused.Add(new RefusedEvent(recorded, code, detail));
        batch.Totals = batch.Totals with { Quarantined = batch.Totals.Quarantined + 1 };
        ViewsLog.Refused(logger, storage.View.ToString(), recorded.EventId, recorded.Position.ToString(), recorded.StreamId, code, detail);
        return outcome;
    }

    private string Late(FeatureRow row, Instant? newest) =>
        $"The event occurred at {row.OccurredAt}, more than the allowed lateness of {view.Contract.AllowedLateness} before the stream's newest event time{(newest is { } time ? $", {time}" : "")}.";

    // Costs a parse of the metadata, so only where somebody listens.
    private Activity? Trace(RecordedEvent recorded)
    {
        if (!ViewsTelemetry.Activities.HasListeners() || !progress.IsLive) return null;
        var parent = EventMetadata.FromJson(recorded.Metadata);
        return ActivityContext.TryParse(parent.TraceParent, parent.TraceState, out var context)
            ? ViewsTelemetry.Activities.StartActivity("view fold", ActivityKind.Consumer, context)
                ?.SetTag("eventfeatures.view", storage.View.ToString()).SetTag("eventfeatures.position", recorded.Position.ToString())
            : null;
    }

    private sealed class Step(LogMessage message, RecordedEvent? recorded, RowReading? reading)
    {
        public LogMessage Message { get; } = message;
        public RecordedEvent? Recorded { get; } = recorded;
        public RowReading? Reading { get; } = reading;
        public FeatureRow? Row => (Reading as RowReading.Row)?.Value;
        public HotEntity? Entity { get; set; }
        public bool IsChecked { get; set; }
        public bool IsKnown { get; set; }
    }
}
