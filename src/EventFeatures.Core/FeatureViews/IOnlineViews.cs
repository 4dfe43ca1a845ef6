using EventFeatures.Core.Events;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>The online views: the latest state of every entity, for serving.</summary>
public interface IOnlineViews
{
    /// <summary>
    /// Reads the features of one entity at <paramref name="asOf"/>. When the online state does not reach back that
    /// far, the same value is folded from the batch view.
    /// </summary>
    /// <param name="view">The view and its version.</param>
    /// <param name="entityKey">The entity's key.</param>
    /// <param name="asOf">The instant the values describe.</param>
    /// <param name="minPosition">A consistency token: wait, within the token's deadline, until the view has seen it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="ViewUnavailableException">The view does not exist, is stopped, or did not reach <paramref name="minPosition"/> in time.</exception>
    ValueTask<ViewReading> ReadAsync(
        ViewReference view, string entityKey, Instant asOf, Position? minPosition = null, CancellationToken cancellation = default);

    /// <summary>Every view with its backlog.</summary>
    IReadOnlyList<ViewStatus> Status();

    /// <summary>One view with its backlog; null where it does not run here.</summary>
    ViewStatus? StatusOf(ViewReference view);

    /// <summary>
    /// How far behind what one entity is read from is: its own partition, where several workers share the view. Null
    /// where the view does not run here.
    /// </summary>
    ViewBacklog? BacklogOf(ViewReference view, string entityKey) => StatusOf(view) is { } status ? new ViewBacklog(status.Gap, status.Lag) : null;
}

/// <summary>How far behind the log something is.</summary>
/// <param name="Gap">By how many events.</param>
/// <param name="Lag">For how long.</param>
public readonly record struct ViewBacklog(long Gap, TimeSpan Lag);

/// <summary>A view's name and version.</summary>
public readonly record struct ViewReference(string Name, int Version)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name}@v{Version}";
}

/// <summary>One read of a view.</summary>
/// <param name="View">The view.</param>
/// <param name="EntityKey">The entity.</param>
/// <param name="AsOf">The instant the values describe.</param>
/// <param name="KnownAt">The position that the values know of: every event of the entity up to it, and none after.</param>
/// <param name="Values">The values, in the order of the view's features.</param>
public sealed record ViewReading(
    ViewReference View, string EntityKey, Instant AsOf, Position KnownAt, IReadOnlyList<FeatureValue> Values);

/// <summary>How far a view has come.</summary>
/// <param name="View">The view.</param>
/// <param name="State"><c>catching-up</c>, <c>live</c> or <c>stopped</c>.</param>
/// <param name="Checkpoint">The last position whose effects are visible.</param>
/// <param name="Gap">
/// While live: how many of its categories' events were received but are not yet visible; 0 when caught up. While catching
/// up: the log's head less the checkpoint, which on a node with dense positions is an upper bound of the events behind.
/// </param>
/// <param name="Lag">How long it has been behind; zero when caught up.</param>
/// <param name="Entities">How many entities it holds.</param>
/// <param name="Events">How many events it admitted.</param>
/// <param name="Quarantined">How many events it could not use.</param>
/// <param name="Unkeyed">How many events it counted for no entity, because their key is null.</param>
/// <param name="Fault">Why it stopped, with the position; null otherwise.</param>
public sealed record ViewStatus(
    ViewReference View, string State, Position? Checkpoint, long Gap, TimeSpan Lag, long Entities, long Events, long Quarantined, long Unkeyed, string? Fault)
{
    /// <summary>From what a version was built, for people: an older version up to a position, or the log, and why. Empty where there was nothing but the log.</summary>
    public string BuiltFrom { get; init; } = "";

    /// <summary>Into how many partitions the view is divided among the workers; 0 while it opens.</summary>
    public int Partitions { get; init; }

    /// <summary>
    /// How many of them this process projects; it reads the others as other workers commit them. Where it has not all,
    /// the counts and the backlog are of the whole view, as the database showed them at the last look.
    /// </summary>
    public int PartitionsHere { get; init; }

    /// <summary>Which share of the log, by position, is behind the view: 0 to 1, and 1 once it is live.</summary>
    public double Progress { get; init; }

    /// <summary>How long catching up will take at the pace of this process's run so far; null where that cannot be told, zero once live.</summary>
    public TimeSpan? Remaining { get; init; }
}

/// <summary>A view could not answer. The message says why and what to do.</summary>
public class ViewUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
