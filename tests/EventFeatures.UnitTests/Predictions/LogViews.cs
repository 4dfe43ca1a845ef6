using System.Runtime.CompilerServices;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Testing.Events;

namespace EventFeatures.UnitTests.Predictions;

/// <summary>Views that fold the log anew at every read, and so are never behind it; they fail and hang on demand.</summary>
internal sealed class LogViews(InMemoryLog log, Func<RegistrySnapshot> registered) : IOnlineViews, IBatchViews
{
    /// <summary>Thrown by every read while it is set.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Views that are stopped: they answer nothing.</summary>
    public HashSet<ViewReference> Stopped { get; set; } = [];

    /// <summary>Whether those are being built rather than stopped: a read of their rows waits.</summary>
    public bool AreBuilding { get; set; }

    /// <summary>Views whose online states lost everything.</summary>
    public HashSet<ViewReference> Emptied { get; } = [];

    /// <summary>Whether the views say how far they are.</summary>
    public bool HaveStatus { get; set; }

    /// <summary>Events that the views lost.</summary>
    public HashSet<Position> Lost { get; } = [];

    /// <summary>Entities whose online state is damaged.</summary>
    public HashSet<string> Damaged { get; } = [];

    /// <summary>Up to where the search for an event looks: a wait until a later position brings it there.</summary>
    public Position Seen { get; set; } = Position.End;

    /// <summary>Runs once while somebody waits for the views to catch up.</summary>
    public Func<Task>? Meanwhile { get; set; }

    /// <summary>Whether reads wait until they are cancelled.</summary>
    public bool Hangs { get; set; }

    /// <summary>Completes when a read has begun to wait.</summary>
    public TaskCompletionSource Hanging { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask<ViewReading> ReadAsync(
        ViewReference view, string entityKey, Instant asOf, Position? minPosition = null, CancellationToken cancellation = default)
    {
        var head = new Position((ulong)log.Events.Count);
        if (Hangs)
        {
            Hanging.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        if (Damaged.Contains(entityKey)) throw new ViewUnavailableException("The database cannot be asked.", new StateCorruptException("It ends too early."));
        var rows = await ReadEntityAsync(view, entityKey, head, cancellation);
        return new ViewReading(view, entityKey, asOf, head, registered().Views[view].Evaluate(Emptied.Contains(view) ? [] : rows, asOf));
    }

    public Task<IReadOnlyList<FeatureRow>> ReadEntityAsync(ViewReference view, string entityKey, Position knownAt, CancellationToken cancellation = default)
    {
        Check(view);
        return Task.FromResult<IReadOnlyList<FeatureRow>>([.. Rows(view, knownAt).Where(row => row.EntityKey == entityKey)]);
    }

    public async IAsyncEnumerable<EntityRows> ReadEntitiesAsync(
        ViewReference view, IReadOnlyCollection<string>? entityKeys, Position knownAt, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        if (AreBuilding && Stopped.Contains(view) && knownAt > Position.Start) await Task.Delay(Timeout.Infinite, cancellation);
        Check(view);
        foreach (var entity in Rows(view, knownAt).GroupBy(row => row.EntityKey).OrderBy(entity => entity.Key, StringComparer.Ordinal))
            if (entityKeys is null || entityKeys.Contains(entity.Key)) yield return new EntityRows(entity.Key, [.. entity]);
    }

    public Task<IReadOnlyList<string>> ReadKeysAsync(ViewReference view, string? after, int countMax, CancellationToken cancellation = default) =>
        Task.FromResult<IReadOnlyList<string>>([.. Rows(view, Position.End).Select(row => row.EntityKey).Distinct().Order(StringComparer.Ordinal).Where(key => string.CompareOrdinal(key, after) > 0).Take(countMax)]);

    public IReadOnlyList<ViewStatus> Status() => [];

    public ViewStatus? StatusOf(ViewReference view) => !HaveStatus ? null
        : Stopped.Contains(view) ? new ViewStatus(view, AreBuilding ? "catching-up" : "stopped", AreBuilding ? Position.Start : null, 0, TimeSpan.Zero, 0, 0, 0, 0, AreBuilding ? null : "It is stopped.")
        : new ViewStatus(view, "live", new Position((ulong)log.Events.Count), 0, TimeSpan.Zero, 0, 0, 0, 0, null);

    public Task<RebuildComparison> CompareRebuildAsync(ViewReference view, IProgress<ViewStatus>? progress = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    public Task<string> DigestAsync(ViewReference view, CancellationToken cancellation = default) => Task.FromResult("");

    public Task CaughtUpAsync(Position position, TimeSpan deadline, CancellationToken cancellation = default) =>
        CaughtUpAsync([.. registered().ProjectedViews.Select(view => view.Key)], position, deadline, cancellation);

    public async Task CaughtUpAsync(IReadOnlyCollection<ViewReference> views, Position position, TimeSpan deadline, CancellationToken cancellation = default)
    {
        foreach (var view in views) Check(view);
        if (position > Seen) Seen = position;
        var meanwhile = Meanwhile;
        Meanwhile = null;
        if (meanwhile is not null) await meanwhile();
    }

    public Task<IReadOnlyList<EventUse>> FindEventAsync(ViewReference view, Guid eventId, CancellationToken cancellation = default)
    {
        Check(view);
        return Task.FromResult<IReadOnlyList<EventUse>>(
        [
            .. from row in Rows(view, Seen)
               where row.EventId == eventId
               select new EventUse(view, row.EntityKey, row.StreamId, row.Revision, row.Position, row.EventType, row.OccurredAt),
        ]);
    }

    private void Check(ViewReference view)
    {
        if (Fault is { } fault) throw fault;
        if (Stopped.Contains(view)) throw new ViewUnavailableException($"View '{view}' is stopped.");
        if (registered().RetiredViews.ContainsKey(view)) throw new ViewUnavailableException($"There is no view '{view}'.");
    }

    private IReadOnlyList<FeatureRow> Rows(ViewReference view, Position knownAt) =>
        registered().Views[view].Admit(log.Events.Where(recorded => recorded.Position <= knownAt && !Lost.Contains(recorded.Position))).Rows;

    public Task RebuildAsync(ViewReference view, CancellationToken cancellation = default) => Task.CompletedTask;
}
