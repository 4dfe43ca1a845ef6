using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Views.FeatureViews.Folding;
using EventFeatures.Views.FeatureViews.Online;
using EventFeatures.Views.FeatureViews.Storage;

namespace EventFeatures.Views.FeatureViews.Partitions;

/// <summary>
/// Reads what a run of this worker projects: from memory, and what is not there from the database, as long as that is
/// the run's. Where another worker emptied the view to build it again, the database's silence about an entity is no answer.
/// </summary>
internal sealed class OwnReads(CompiledView view, ViewStorage storage, ViewsOptions options)
{
    private readonly RecentVectors _recent = new(view.View.Features.Count);

    /// <summary>Reads an entity of a partition that is the run's.</summary>
    /// <exception cref="RunYieldedException">It is not any more; the next run tells where it is now.</exception>
    public async ValueTask<ViewReading> ReadAsync(ViewRun run, int partition, string entityKey, Instant asOf, CancellationToken cancellation)
    {
        // Taken before the state: whatever the state holds more, its own last position tells.
        var known = run.Owned.CoveredBy(partition, run.Progress.Known) ?? Position.Start;
        var (values, last) = await EvaluateAsync(run, partition, entityKey, asOf, cancellation);
        var knownAt = last > known ? last : known;
        if (values is null)
        {
            await run.Writes.CommittedAsync(storage.View, knownAt, options.ReadDeadline, cancellation);
            var rows = await storage.AskAsync(() => storage.Rows.ReadEntityAsync(entityKey, knownAt, cancellation));
            await ConfirmAsync(run, cancellation);
            values = view.Evaluate(rows, asOf);
        }
        return new ViewReading(storage.View, entityKey, asOf, knownAt, values);
    }

    /// <summary>Asks whether all that was read from the database before is the run's, and ends the run where it is not.</summary>
    /// <exception cref="RunYieldedException">It is not.</exception>
    public async Task ConfirmAsync(ViewRun run, CancellationToken cancellation)
    {
        if (!await storage.AskAsync(() => storage.OwnsAsync(run.Owned, cancellation))) await run.YieldedAsync(options.ReadDeadline, cancellation);
    }

    private async ValueTask<(IReadOnlyList<FeatureValue>? Values, Position LastPosition)> EvaluateAsync(
        ViewRun run, int partition, string entityKey, Instant asOf, CancellationToken cancellation)
    {
        if (run.States.Find(entityKey) is { } hot) return hot.Evaluate(asOf, _recent);
        if (!run.States.IsComplete)
        {
            var evictions = run.States.Evictions;
            var stored = await storage.AskAsync(() => storage.ReadAsync(entityKey, partition, cancellation));
            if (stored is null || !run.Owned.Holds(partition, stored.Owner, stored.Epoch)) await run.YieldedAsync(options.ReadDeadline, cancellation);
            if (stored?.State is { } state) return run.States.AddIfCurrent(new HotEntity(state, hasDocument: true), evictions).Evaluate(asOf, _recent);
        }
        var none = view.NewState(entityKey);
        return (none.TryEvaluate(asOf) ?? view.Evaluate([], asOf), Position.Start);
    }
}
