using System.Runtime.CompilerServices;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Testing.Events;

namespace EventFeatures.UnitTests.Predictions;

/// <summary>Views that fold the log anew at every read, and so are never behind it; they fail and hang on demand.</summary>
internal sealed class LogViews(InMemoryLog log, Func<RegistrySnapshot> registered) : IOnlineViews, IBatchViews
{
    /// <summary>Thrown by every read while it is set.</summary>
    public Exception? Fault { get; set; }

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
        var rows = await ReadEntityAsync(view, entityKey, head, cancellation);
        return new ViewReading(view, entityKey, asOf, head, registered().Views[view].Evaluate(rows, asOf));
    }

    public Task<IReadOnlyList<FeatureRow>> ReadEntityAsync(ViewReference view, string entityKey, Position knownAt, CancellationToken cancellation = default)
    {
        if (Fault is { } fault) throw fault;
        var compiled = registered().Views[view];
        var stream = $"{compiled.Contract.Category}-{entityKey}";
        return Task.FromResult(compiled.Admit(log.Events.Where(recorded => recorded.StreamId == stream && recorded.Position <= knownAt)).Rows);
    }

    public async IAsyncEnumerable<EntityRows> ReadEntitiesAsync(
        ViewReference view, IReadOnlyCollection<string>? entityKeys, Position knownAt, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var prefix = registered().Views[view].Contract.Category + "-";
        var known = log.Events.Select(recorded => recorded.StreamId).Where(stream => stream.StartsWith(prefix, StringComparison.Ordinal)).Select(stream => stream[prefix.Length..]);
        foreach (var key in known.Distinct().Where(key => entityKeys is null || entityKeys.Contains(key)).Order(StringComparer.Ordinal).ToList())
            if (await ReadEntityAsync(view, key, knownAt, cancellation) is { Count: > 0 } rows) yield return new EntityRows(key, rows);
    }

    public IReadOnlyList<ViewStatus> Status() => [];

    public ViewStatus? StatusOf(ViewReference view) => null;

    public Task<string> DigestAsync(ViewReference view, CancellationToken cancellation = default) => Task.FromResult("");

    public Task CaughtUpAsync(Position position, TimeSpan deadline, CancellationToken cancellation = default) =>
        Fault is { } fault ? Task.FromException(fault) : Task.CompletedTask;

    public Task<IReadOnlyList<EventUse>> FindEventAsync(Guid eventId, CancellationToken cancellation = default) =>
        Task.FromResult<IReadOnlyList<EventUse>>([]);

    public Task RebuildAsync(ViewReference view, CancellationToken cancellation = default) => Task.CompletedTask;
}
