using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.FeatureViews.Batch;

namespace EventFeatures.Views.FeatureViews.Partitions;

/// <summary>
/// Into which partitions a view is divided. Where a stream's key is its entity's, the stream and all that decides upon
/// its events lie in the entity's partition. Elsewhere streams feed entities of any partition, and the view is one.
/// </summary>
internal sealed class PartitionRule(CompiledView view)
{
    /// <summary>How many partitions the view has, for ever: 64 or 1.</summary>
    public int Count { get; } = view.IsKeyedByStream ? BatchTable.PartitionCount : 1;

    public int OfEntity(string entityKey) => Count == 1 ? 0 : BatchTable.Partition(entityKey);

    /// <summary>The partition that an event concerns; null where no source reads it.</summary>
    public int? Of(RecordedEvent recorded) =>
        view.StreamKeyOf(recorded.StreamId, recorded.Type) is not { } key ? null : OfEntity(key);
}
