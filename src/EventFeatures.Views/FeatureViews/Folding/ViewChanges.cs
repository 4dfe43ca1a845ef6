using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>Tells those who listen which entities' rows changed, of all views of one host.</summary>
internal sealed class ViewChanges
{
    public event Action<ViewChange>? Changed;

    /// <summary>Whether anybody listens; without, nothing is worth preparing.</summary>
    public bool IsHeard => Changed is not null;

    public void Tell(ViewReference view, RowReading? reading, Position position)
    {
        if (Changed is not { } hear) return;
        if (reading is RowReading.Row { Value: var row }) hear(new ViewChange(view, row.EntityKey, position));
        else if (reading is RowReading.Rows { Values: var rows })
            foreach (var one in rows) hear(new ViewChange(view, one.EntityKey, position));
    }
}
