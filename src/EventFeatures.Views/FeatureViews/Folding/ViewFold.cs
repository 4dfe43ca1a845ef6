using System.Diagnostics;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Partitions;
using EventFeatures.Views.Telemetry;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>
/// Folds the log's messages, in order, into the hot states and the open batch. Whatever it folds is visible to reads
/// before it is committed. Used by one task at a time.
/// </summary>
internal sealed class ViewFold(
    CompiledView view, ViewReference name, PartitionRule partitions, OwnedPartitions owned, FoldPath path, WriteBehind writes,
    ViewProgress progress, ViewHealth health, ViewsTelemetry telemetry, ViewChanges changes, TimeProvider time, ILogger logger)
{
    private readonly List<FoldStep> _steps = [];
    private readonly KeyValuePair<string, object?> _tag = ViewsTelemetry.Tag(name);

    public async Task FoldAsync(IReadOnlyList<LogMessage> messages, CancellationToken cancellation)
    {
        _steps.Clear();
        foreach (var message in messages) _steps.Add(Read(message));
        await path.LoadAsync(_steps, cancellation);
        for (var i = 0; i < _steps.Count; i++)
        {
            // Asked only now, because ids may be forgotten while this very batch is folded.
            if (!_steps[i].IsChecked && path.MustAsk(_steps[i])) await path.AskAsync(_steps, i, cancellation);
            Apply(_steps[i]);
        }
        path.Trim();
    }

    private FoldStep Read(LogMessage message)
    {
        if (message is not LogMessage.Event { Recorded: var recorded }) return new FoldStep(message, null, null);
        var partition = partitions.Of(recorded);
        if (partition is { } other && owned.PassesOver(other, recorded.Position)) return new FoldStep(message, recorded, null, partition);
        try
        {
            return new FoldStep(message, recorded, view.Read(recorded), partition);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // One event that the view's code cannot stand must not stop all that come after it.
            return new FoldStep(message, recorded, RowReading.Violation.Of(exception), partition);
        }
    }

    private void Apply(FoldStep step)
    {
        if (step.Message is LogMessage.CaughtUp)
        {
            progress.CaughtUp();
            writes.CaughtUp();
            health.Healed(ViewHealth.Run);
            ViewsLog.CaughtUp(logger, name.ToString(), progress.Known?.ToString() ?? "the log's start");
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
        if (step.Reading is null)
        {
            PassOver(recorded);
            return;
        }
        using var activity = Trace(recorded);
        string outcome;
        ViewTotals totals;
        lock (writes.Gate)
        {
            var batch = writes.Open;
            // Delivered again after a resubscription: what it did is done.
            if (recorded.Position <= batch.Checkpoint) outcome = "redelivered";
            else
            {
                var before = batch.Totals;
                outcome = path.Apply(step, recorded, batch);
                if (step.Partition is { } partition) batch.Attribute(partition, before);
                batch.EventCount++;
                writes.Applied(recorded.Position);
            }
            totals = batch.Totals;
        }
        progress.Folded(recorded.Position, totals);
        if (changes.IsHeard && outcome == FoldPath.Admitted && progress.IsLive) changes.Tell(name, step.Reading, recorded.Position);
        if (telemetry.CountsEvents) telemetry.Folded(_tag, outcome);
        if (telemetry.MeasuresFreshness) telemetry.Visible(_tag, time.GetUtcNow() - recorded.Created.ToDateTimeOffset());
    }

    // Another run folds it, or did. It moves the checkpoint alone.
    private void PassOver(RecordedEvent recorded)
    {
        ViewTotals totals;
        lock (writes.Gate)
        {
            if (!(recorded.Position <= writes.Open.Checkpoint)) writes.Applied(recorded.Position);
            totals = writes.Open.Totals;
        }
        progress.Folded(recorded.Position, totals);
    }

    // Costs a parse of the metadata, so only where somebody listens.
    private Activity? Trace(RecordedEvent recorded)
    {
        if (!ViewsTelemetry.Activities.HasListeners() || !progress.IsLive) return null;
        var parent = EventMetadata.FromJson(recorded.Metadata);
        return ActivityContext.TryParse(parent.TraceParent, parent.TraceState, out var context)
            ? ViewsTelemetry.Activities.StartActivity("view fold", ActivityKind.Consumer, context)
                ?.SetTag("eventfeatures.view", name.ToString()).SetTag("eventfeatures.position", recorded.Position.ToString())
            : null;
    }
}
