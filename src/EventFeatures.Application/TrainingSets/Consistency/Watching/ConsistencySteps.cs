using EventFeatures.Application.Predictions;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;

namespace EventFeatures.Application.TrainingSets.Consistency.Watching;

/// <summary>Compares a few vectors at a time, the next after what a state says was compared.</summary>
internal sealed class ConsistencySteps(IRegistry registry, IOnlineViews online, IBatchViews batch, IEventLog log, ConsistencyWatchOptions options)
{
    /// <summary>The next predictions, in the log's order.</summary>
    /// <returns>The state after them, and whether there was any.</returns>
    /// <exception cref="ViewUnavailableException">A view that one of them read cannot answer; of none of them anything counts.</exception>
    public async Task<(WatchState Next, bool Any)> ServedAsync(WatchState state, Position head, ConsistencyTally tally, CancellationToken cancellation)
    {
        if (head <= state.Position) return (state, false);
        var together = new List<PredictionMade>();
        // The event at the start is included, and was compared.
        var (left, last) = (options.VectorsTogether + 1, head);
        await foreach (var recorded in log.ReadAllAsync(ReadDirection.Forwards, state.Position, EventFilter.ByTypePrefix(PredictionMade.Type), left, cancellation))
        {
            if (recorded.Position > head) break;
            // As many as were asked for: there may be more after it.
            if (--left == 0) last = recorded.Position;
            if (recorded.Position > state.Position && Dossiers.IsPrediction(recorded) && ServedVectors.Read(recorded, tally) is { } made) together.Add(made);
        }
        foreach (var use in together.SelectMany(made => made.Views)) RequireCaughtUp(use);
        await new ServedVectors(registry.Current, batch).CheckAsync(together, head, tally, cancellation);
        return (state with { Checked = last.Value }, together.Count > 0 || last < head);
    }

    // A read waits for a view that is being built, and for longer than the work is leased.
    private void RequireCaughtUp(ViewUse use)
    {
        if (online.StatusOf(use.View) is { State: not "live" } status && !(use.KnownAt <= status.Checkpoint))
            throw new ViewUnavailableException($"View '{use.View}' is {status.State} before position {use.KnownAt}. What was predicted from it is compared once it is there.");
    }

    /// <summary>The next entities of the views, in the order of their names and keys.</summary>
    /// <returns>The state after them, without a view once all were compared; and whether there was any.</returns>
    public async Task<(WatchState Next, bool Any)> OnlineAsync(WatchState state, ConsistencyTally tally, CancellationToken cancellation)
    {
        var views = registry.Current.ProjectedViews.ToDictionary();
        var order = views.Keys.OrderBy(view => view.ToString(), StringComparer.Ordinal).ToList();
        // A view that is gone is passed over to the next one.
        var at = state.View is null ? 0 : order.FindIndex(view => string.CompareOrdinal(view.ToString(), state.View) >= 0);
        if (at < 0 || at >= order.Count) return (state with { View = null, Key = null }, false);
        var view = order[at];
        var after = view.ToString() == state.View ? state.Key : null;
        // One that has no run here yet, or is stopped, is left to the next pass: there is nothing to compare.
        var keys = online.StatusOf(view) is { Fault: null, Checkpoint: { } known } ? await batch.ReadKeysAsync(view, after, options.VectorsTogether, cancellation) : [];
        if (keys.Count > 0 && await CompareAsync(views[view], keys, tally, cancellation) && keys.Count == options.VectorsTogether) return (state with { View = view.ToString(), Key = keys[^1] }, true);
        return (state with { View = at + 1 < order.Count ? order[at + 1].ToString() : null, Key = null }, keys.Count > 0);
    }

    // One view that cannot answer now must not keep the others from being compared; it is left to the next pass.
    private async Task<bool> CompareAsync(CompiledView view, IReadOnlyList<string> keys, ConsistencyTally tally, CancellationToken cancellation)
    {
        try
        {
            var head = online.StatusOf(new ViewReference(view.View.Name, view.View.Version))?.Checkpoint ?? Position.Start;
            await new OnlineVectors(online, batch).CheckAsync(view, keys, (null, null), head, tally, _ => { }, cancellation);
            return true;
        }
        catch (ViewUnavailableException)
        {
            return false;
        }
    }

    /// <summary>Whether a pass over the online vectors is under way, or due.</summary>
    public bool IsPassDue(WatchState state, Instant now) =>
        state.View is not null || state.PassEndedAt == 0 || (now - new Instant(state.PassEndedAt)).ToTimeSpan() >= options.PassPause;
}
