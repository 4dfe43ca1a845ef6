using EventFeatures.Core.Events;
using EventFeatures.Core.Time;

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

    /// <summary>The keys of the next entities with committed rows, in the views' own order, which all of one view's answers share.</summary>
    /// <param name="view">The view.</param>
    /// <param name="after">The last key of the answer before; null for the first ones.</param>
    /// <param name="countMax">How many at most; 1 or more. Fewer are the last ones.</param>
    /// <param name="cancellation">Ends the query.</param>
    Task<IReadOnlyList<string>> ReadKeysAsync(ViewReference view, string? after, int countMax, CancellationToken cancellation = default);

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

    /// <summary>
    /// Waits until each of some views has seen <paramref name="position"/>. What the others do is of no account.
    /// </summary>
    /// <exception cref="ViewUnavailableException">One of them does not exist or stopped, or the deadline passed.</exception>
    Task CaughtUpAsync(IReadOnlyCollection<ViewReference> views, Position position, TimeSpan deadline, CancellationToken cancellation = default);

    /// <summary>Where an event ended up in a view: one entry for each entity that counts it. The lineage from an event forwards.</summary>
    /// <exception cref="ViewUnavailableException">The view does not exist or cannot answer.</exception>
    Task<IReadOnlyList<EventUse>> FindEventAsync(ViewReference view, Guid eventId, CancellationToken cancellation = default);

    /// <summary>
    /// Drops a view's rows, states and checkpoint and catches up again from the log's first event. Returns once the
    /// old content is gone; <see cref="CaughtUpAsync(Position, TimeSpan, CancellationToken)"/> waits for the new.
    /// </summary>
    /// <exception cref="ViewUnavailableException">The view does not exist, or the database refused.</exception>
    Task RebuildAsync(ViewReference view, CancellationToken cancellation = default);

    /// <summary>
    /// Builds a view again from the log's first event beside the one that serves, compares the two, and takes the copy
    /// away. What serves goes on meanwhile and is not changed.
    /// </summary>
    /// <param name="view">The view.</param>
    /// <param name="progress">Hears how far the copy is.</param>
    /// <param name="cancellation">Ends it; the copy is taken away all the same.</param>
    /// <exception cref="ViewUnavailableException">The view does not exist, is being built again already, or cannot be built.</exception>
    Task<RebuildComparison> CompareRebuildAsync(ViewReference view, IProgress<ViewStatus>? progress = null, CancellationToken cancellation = default);
}

/// <summary>What a view is in comparison with one that was built anew from the log.</summary>
/// <param name="Position">The position up to which they were compared.</param>
/// <param name="Entities">How many entities' states were compared.</param>
/// <param name="Rows">How many rows were.</param>
/// <param name="ChangedMeanwhile">Of how many entities the rows alone were compared, because later events had changed their states.</param>
/// <param name="Difference">The first entity that differs, and in what, as a sentence; null when they are equal.</param>
public sealed record RebuildComparison(Position Position, long Entities, long Rows, long ChangedMeanwhile, string? Difference);

/// <summary>A view's use of one event.</summary>
/// <param name="View">The view whose values the event counts in.</param>
/// <param name="EntityKey">The entity.</param>
/// <param name="StreamId">The event's stream.</param>
/// <param name="Revision">Its index in the stream.</param>
/// <param name="Position">Its place in the log.</param>
/// <param name="EventType">Its type.</param>
/// <param name="OccurredAt">When the fact happened.</param>
public sealed record EventUse(
    ViewReference View, string EntityKey, string StreamId, long Revision, Position Position, string EventType, Instant OccurredAt);

/// <summary>One entity's admitted rows, in fold order.</summary>
public sealed record EntityRows(string EntityKey, IReadOnlyList<FeatureRow> Rows);
