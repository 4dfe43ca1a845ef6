using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Views.FeatureViews.Storage;
using Npgsql;

namespace EventFeatures.Views.FeatureViews.Partitions;

/// <summary>Reads what other workers project: what they have committed, and nothing of what they hold in memory.</summary>
internal sealed class ForeignReads(
    CompiledView view, IEventLog log, ViewStorage storage, NpgsqlDataSource database, PartitionTable partitions, ViewsOptions options, TimeProvider time)
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan PauseMax = TimeSpan.FromMilliseconds(80);

    private readonly EventFilter _filter = EventFilter.ByStreamPrefix([.. view.Categories.Select(category => category + "-")]);

    /// <summary>Reads an entity of a partition that is not here.</summary>
    /// <exception cref="ViewUnavailableException">Its partition did not reach <paramref name="minPosition"/> within the deadline.</exception>
    public async Task<ViewReading> ReadAsync(string entityKey, int partition, Instant asOf, Position? minPosition, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        if (minPosition is { } min) await SeenAsync([partition], min, options.ReadDeadline, cancellation);
        while (true)
        {
            var (_, epoch, checkpoint, state) = await ReadStoredAsync(entityKey, partition, cancellation);
            // Nothing of the view's lies between the checkpoint and a position that was waited for.
            var known = OwnedPartitions.Later(OwnedPartitions.Later(checkpoint, minPosition), state?.LastPosition) ?? Position.Start;
            var values = state is null ? view.Evaluate([], asOf) : state.TryEvaluate(asOf);
            if (values is not null) return new ViewReading(storage.View, entityKey, asOf, known, values);
            values = view.Evaluate(await storage.Rows.ReadEntityAsync(entityKey, known, cancellation), asOf);
            // Under the same epoch nothing was taken away meanwhile, as a rebuild does.
            if ((await ReadStoredAsync(entityKey, partition, cancellation)).Epoch == epoch) return new ViewReading(storage.View, entityKey, asOf, known, values);
            if (time.GetElapsedTime(started) > options.ReadDeadline)
                throw new ViewUnavailableException($"Partition {partition} of view '{storage.View}' changed its owner again and again while it was read. Ask again in a moment.");
        }
    }

    /// <summary>Waits until some partitions cover a position.</summary>
    /// <exception cref="ViewUnavailableException">The deadline passed first.</exception>
    public async Task SeenAsync(IReadOnlyCollection<int> wanted, Position position, TimeSpan deadline, CancellationToken cancellation)
    {
        if (wanted.Count == 0) return;
        var started = time.GetTimestamp();
        for (var pause = PauseMin; ; pause = pause < PauseMax ? 2 * pause : pause)
        {
            var checkpoint = await partitions.ReadCheckpointAsync(database, storage.View, wanted, cancellation);
            if (position <= checkpoint || await IsNothingBetweenAsync(checkpoint, position, cancellation)) return;
            if (time.GetElapsedTime(started) > deadline)
                throw new ViewUnavailableException(
                    $"What other workers project of view '{storage.View}' did not reach position {position} within {deadline.TotalSeconds:0.###} s; it is at {(checkpoint is { } known ? known : "its start")}. Ask again later, with a longer deadline, or without a minimal position.");
            await Task.Delay(pause, time, cancellation);
        }
    }

    private async Task<bool> IsNothingBetweenAsync(Position? checkpoint, Position position, CancellationToken cancellation)
    {
        if (!(position <= await log.ReadHeadAsync(cancellation))) return false;
        // The event at the start is included, and may be the checkpoint's own.
        await foreach (var recorded in log.ReadAllAsync(ReadDirection.Forwards, checkpoint ?? Position.Start, _filter, countMax: 2, cancellation))
            if (!(recorded.Position <= checkpoint)) return recorded.Position > position;
        return true;
    }

    private async Task<StoredEntity> ReadStoredAsync(string entityKey, int partition, CancellationToken cancellation) =>
        await storage.ReadAsync(entityKey, partition, cancellation)
        ?? throw new ViewUnavailableException($"View '{storage.View}' is not in the database yet. Ask again in a moment.");
}
