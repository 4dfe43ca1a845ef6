using System.Runtime.CompilerServices;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Storage;
using Npgsql;

namespace EventFeatures.Views.FeatureViews;

/// <summary>The batch views of a host's projections. A read waits, within the deadline, until what it asks for is committed.</summary>
public sealed class BatchViews : IBatchViews
{
    private readonly ProjectionHost _host;
    private readonly NpgsqlDataSource _database;
    private readonly ViewsOptions _options;

    internal BatchViews(ProjectionHost host, NpgsqlDataSource database, ViewsOptions options) =>
        (_host, _database, _options) = (host, database, options);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<FeatureRow>> ReadEntityAsync(
        ViewReference view, string entityKey, Position knownAt, CancellationToken cancellation = default)
    {
        var projection = _host.Find(view);
        return await projection.ReadCommittedAsync(knownAt, () => projection.Storage.Rows.ReadEntityAsync(entityKey, knownAt, cancellation), cancellation);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<EntityRows> ReadEntitiesAsync(
        ViewReference view, IReadOnlyCollection<string>? entityKeys, Position knownAt, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var projection = _host.Find(view);
        var isMore = false;
        await using var entities = await projection.ReadCommittedAsync(knownAt, async () =>
        {
            var begun = projection.Storage.Rows.ReadEntitiesAsync(entityKeys, knownAt, cancellation).GetAsyncEnumerator(cancellation);
            isMore = await begun.MoveNextAsync();
            return begun;
        }, cancellation);
        while (isMore)
        {
            yield return entities.Current;
            var next = entities.MoveNextAsync();
            isMore = next.IsCompletedSuccessfully ? next.Result : await projection.Storage.AskAsync(() => next.AsTask());
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReadKeysAsync(ViewReference view, string? after, int countMax, CancellationToken cancellation = default)
    {
        var projection = _host.Find(view);
        return projection.Storage.AskAsync(() => projection.Storage.Rows.ReadKeysAsync(after, countMax, cancellation));
    }

    /// <inheritdoc/>
    public async Task<string> DigestAsync(ViewReference view, CancellationToken cancellation = default)
    {
        var projection = _host.Find(view);
        return await projection.ReadCommittedAsync(
            null, () => new ViewDigest(_database, projection.Storage, _options.OnlineSchema).ComputeAsync(cancellation), cancellation);
    }

    /// <inheritdoc/>
    public Task CaughtUpAsync(Position position, TimeSpan deadline, CancellationToken cancellation = default) =>
        Task.WhenAll(_host.AllDeclared().Select(view => view.SeenAsync(position, deadline, cancellation)));

    /// <inheritdoc/>
    public Task CaughtUpAsync(IReadOnlyCollection<ViewReference> views, Position position, TimeSpan deadline, CancellationToken cancellation = default) =>
        Task.WhenAll(views.Select(_host.Find).Select(view => view.SeenAsync(position, deadline, cancellation)));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<EventUse>> FindEventAsync(ViewReference view, Guid eventId, CancellationToken cancellation = default)
    {
        var projection = _host.Find(view);
        var rows = await projection.ReadCommittedAsync(null, () => projection.Storage.Rows.FindEventAsync(eventId, cancellation), cancellation);
        return [.. rows.Select(row => new EventUse(view, row.EntityKey, row.StreamId, row.Revision, row.Position, row.EventType, row.OccurredAt)).OrderBy(use => use.Position)];
    }

    /// <inheritdoc/>
    public Task RebuildAsync(ViewReference view, CancellationToken cancellation = default) => _host.Find(view).RebuildAsync(cancellation);

    /// <inheritdoc/>
    public Task<RebuildComparison> CompareRebuildAsync(ViewReference view, IProgress<ViewStatus>? progress = null, CancellationToken cancellation = default) =>
        _host.RebuildOf(_host.Find(view)).CompareAsync(progress, cancellation);
}
