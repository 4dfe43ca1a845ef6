using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Online;
using EventFeatures.Views.FeatureViews.Partitions;
using EventFeatures.Views.FeatureViews.Storage;
using EventFeatures.Views.Telemetry;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>
/// How events are decided upon and folded into the hot states: one way where a view's entities are its streams, and
/// one where they are not. Used by the fold alone.
/// </summary>
internal abstract class FoldPath(
    CompiledView view, ViewStorage storage, OwnedPartitions owned, HotStates states, WriteBehind writes, ViewHealth health, ILogger logger)
{
    /// <summary>The outcome of an event that changed rows.</summary>
    public const string Admitted = "admitted";

    // The events admitted since the fold's last start, by stream and id: memory that a commit may have let go meanwhile.
    private readonly HashSet<AdmittedId> _admitted = [];

    protected CompiledView View => view;

    protected ViewStorage Storage => storage;

    protected WriteBehind Writes => writes;

    /// <summary>Brings what the steps need into memory.</summary>
    public virtual Task LoadAsync(IReadOnlyList<FoldStep> steps, CancellationToken cancellation)
    {
        _admitted.Clear();
        return Task.CompletedTask;
    }

    /// <summary>Whether a step's event may have an id that only the database knows to be admitted.</summary>
    public abstract bool MustAsk(FoldStep step);

    /// <summary>Applies one event. The gate of the batch is held.</summary>
    /// <returns>The outcome, as the metric counts it.</returns>
    public abstract string Apply(FoldStep step, RecordedEvent recorded, PendingBatch batch);

    /// <summary>Lets go of what is too much.</summary>
    public virtual void Trim() => states.Trim();

    /// <summary>Finds out, for one step and all after it that need it, which of their events are known already.</summary>
    public async Task AskAsync(IReadOnlyList<FoldStep> steps, int from, CancellationToken cancellation)
    {
        var asked = new List<FoldStep>();
        for (var i = from; i < steps.Count; i++)
        {
            if (steps[i].IsChecked || !MustAsk(steps[i])) continue;
            steps[i].IsChecked = true;
            // Memory first: an id that leaves it while the database is asked has been committed before it left.
            if (writes.HasId(StreamOf(steps[i]), steps[i].Recorded!.EventId)) steps[i].IsKnown = true;
            else asked.Add(steps[i]);
        }
        if (asked.Count == 0) return;
        var known = await QueryAsync("look for duplicates", "in the batch view",
            token => storage.FindIdsAsync([.. asked.Select(step => step.Recorded!.EventId).Distinct()], token), cancellation);
        foreach (var step in asked) step.IsKnown = known.Contains((StreamOf(step), step.Recorded!.EventId));
    }

    /// <summary>The stream of a step's event, of which the source has made something.</summary>
    protected static StreamKey StreamOf(FoldStep step) => new(step.Reading is RowReading.Rows rows ? rows.Source : 0, step.Recorded!.StreamId);

    /// <summary>Whether a step's event has an id that was admitted before, as far as it is known outside the states.</summary>
    protected bool IsKnown(FoldStep step) => step.IsKnown || _admitted.Contains(IdOf(step));

    protected HotEntity? Find(string key)
    {
        var found = states.Find(key);
        found?.Touch();
        return found;
    }

    /// <summary>Loads entities that are not in memory, and makes those that are nowhere.</summary>
    protected async Task<IReadOnlyDictionary<string, HotEntity>> LoadEntitiesAsync(HashSet<string> missing, CancellationToken cancellation)
    {
        var loaded = new Dictionary<string, HotEntity>(StringComparer.Ordinal);
        if (missing.Count == 0) return loaded;
        if (!states.IsComplete)
            foreach (var entity in await QueryAsync("load entities", "from the database", token => storage.LoadAsync(missing, token), cancellation))
                loaded[entity.Key] = states.Add(entity);
        foreach (var key in missing)
            if (!loaded.ContainsKey(key)) loaded[key] = states.Add(new HotEntity(view.NewState(key), hasDocument: false) { IsNew = true });
        return loaded;
    }

    /// <summary>Asks the database about the run's partitions. An answer counts if they are still the run's afterwards.</summary>
    /// <exception cref="PartitionsLostException">They are not: what is missing there may have been taken away, as a rebuild does.</exception>
    protected Task<T> QueryAsync<T>(string step, string where, Func<CancellationToken, Task<T>> query, CancellationToken cancellation) =>
        health.TryAsync(step, () => where, async token =>
        {
            var answer = await query(token);
            return await storage.OwnsAsync(owned, token)
                ? answer : throw new PartitionsLostException($"Partitions of view '{storage.View}' went to another run of it.");
        }, cancellation);

    protected static void Count(HotEntity entity, PendingBatch batch)
    {
        if (!entity.IsNew) return;
        entity.IsNew = false;
        batch.Totals = batch.Totals with { Entities = batch.Totals.Entities + 1 };
    }

    protected void Remember(FoldStep step, PendingBatch batch)
    {
        batch.Ids.Add(IdOf(step));
        _admitted.Add(IdOf(step));
    }

    private static AdmittedId IdOf(FoldStep step) => new(StreamOf(step), step.Recorded!.EventId);

    protected static string Repeat(PendingBatch batch)
    {
        batch.Totals = batch.Totals with { Duplicates = batch.Totals.Duplicates + 1 };
        return "duplicate";
    }

    protected string Refuse(PendingBatch batch, RecordedEvent recorded, string code, string detail, string outcome)
    {
        batch.FirstEffect ??= recorded.Position;
        batch.Refused.Add(new RefusedEvent(recorded, code, detail));
        batch.Totals = batch.Totals with { Quarantined = batch.Totals.Quarantined + 1 };
        ViewsLog.Refused(logger, storage.View.ToString(), recorded.EventId, recorded.Position.ToString(), recorded.StreamId, code, detail);
        return outcome;
    }

    protected string RefuseLate(PendingBatch batch, RecordedEvent recorded, int source, Core.Time.Instant occurredAt, Core.Time.Instant? newest) => Refuse(
        batch, recorded, "late",
        $"The event occurred at {occurredAt}, more than the allowed lateness of {view.Contracts[source].AllowedLateness} before the stream's newest event time{(newest is { } time ? $", {time}" : "")}.",
        "late");
}
