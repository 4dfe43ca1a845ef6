using EventFeatures.Core.Events;

namespace EventFeatures.Core.FeatureViews;

/// <summary>The batch views: every admitted row, for training, audit and lineage.</summary>
public interface IBatchViews
{
    /// <summary>
    /// The admitted rows of one entity up to a position, in <see cref="FeatureRow.FoldOrder"/>. The view must have
    /// reached <paramref name="knownAt"/>.
    /// </summary>
    /// <exception cref="ViewUnavailableException">The view does not exist or has not come that far.</exception>
    Task<IReadOnlyList<FeatureRow>> ReadEntityAsync(
        ViewReference view, string entityKey, Position knownAt, CancellationToken cancellation = default);

    /// <summary>
    /// The admitted rows of many entities, one entity after the other ordered by key (ordinal), each in
    /// <see cref="FeatureRow.FoldOrder"/>; all entities when <paramref name="entityKeys"/> is null. Streamed, in one pass.
    /// </summary>
    IAsyncEnumerable<EntityRows> ReadEntitiesAsync(
        ViewReference view, IReadOnlyCollection<string>? entityKeys, Position knownAt, CancellationToken cancellation = default);

    /// <summary>
    /// SHA-256 over all online states and all batch rows of a view in canonical order: equal for equal content,
    /// however the view came by it.
    /// </summary>
    Task<string> DigestAsync(ViewReference view, CancellationToken cancellation = default);

    /// <summary>
    /// Waits until every view has seen <paramref name="position"/>.
    /// </summary>
    /// <exception cref="ViewUnavailableException">A view stopped, or the deadline passed.</exception>
    Task CaughtUpAsync(Position position, TimeSpan deadline, CancellationToken cancellation = default);
}

/// <summary>One entity's admitted rows, in fold order.</summary>
public sealed record EntityRows(string EntityKey, IReadOnlyList<FeatureRow> Rows);
