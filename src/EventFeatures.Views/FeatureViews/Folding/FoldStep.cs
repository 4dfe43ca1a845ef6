using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Online;

namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>One of the log's messages on its way through the fold.</summary>
internal sealed class FoldStep(LogMessage message, RecordedEvent? recorded, RowReading? reading, int? partition = null)
{
    public LogMessage Message { get; } = message;

    public RecordedEvent? Recorded { get; } = recorded;

    /// <summary>What the view makes of the event; null where it is for another run to fold.</summary>
    public RowReading? Reading { get; } = reading;

    /// <summary>The partition that the event concerns; null where no source reads it.</summary>
    public int? Partition { get; } = partition;

    /// <summary>Where entities are streams: the entity.</summary>
    public HotEntity? Entity { get; set; }

    /// <summary>Where they are not: the stream.</summary>
    public HotStream? Stream { get; set; }

    /// <summary>And the entity of each of the event's rows.</summary>
    public HotEntity[] Entities { get; set; } = [];

    /// <summary>Whether it is known if the event's id was admitted before.</summary>
    public bool IsChecked { get; set; }

    /// <summary>Whether it was.</summary>
    public bool IsKnown { get; set; }
}
