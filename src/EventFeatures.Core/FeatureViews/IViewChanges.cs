using EventFeatures.Core.Events;

namespace EventFeatures.Core.FeatureViews;

/// <summary>What changes in the online views of this process, for whoever computes ahead of reads.</summary>
public interface IViewChanges
{
    /// <summary>
    /// Called when an entity's rows have changed and the change is visible, for live events and for entities that this
    /// process projects. It is called between two events of the projection, so it must return at once and must not throw.
    /// </summary>
    event Action<ViewChange>? Changed;

    /// <summary>
    /// The position of the last event that an entity's visible state holds: as long as it stays, so do the entity's rows.
    /// <see cref="Position.Start"/> where it has none; null where this process cannot tell without asking the database.
    /// </summary>
    Position? LastPositionOf(ViewReference view, string entityKey);
}

/// <summary>A change of one entity's rows.</summary>
/// <param name="View">The view.</param>
/// <param name="EntityKey">The entity.</param>
/// <param name="Position">The event that changed them.</param>
public readonly record struct ViewChange(ViewReference View, string EntityKey, Position Position);
