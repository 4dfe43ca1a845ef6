using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;

namespace EventFeatures.UnitTests.Definitions;

/// <summary>Views that have caught up, but for those of which a test states something else. They answer no reads.</summary>
internal sealed class StatedViews : IOnlineViews
{
    /// <summary>What is stated; null for a view that does not run.</summary>
    public Dictionary<ViewReference, ViewStatus?> Stated { get; } = [];

    public static ViewStatus Of(ViewReference view, string state) => new(view, state, null, 0, TimeSpan.Zero, 0, 0, 0, 0, null);

    public ViewStatus? StatusOf(ViewReference view) => Stated.TryGetValue(view, out var stated) ? stated : Of(view, "live");

    public IReadOnlyList<ViewStatus> Status() => [];

    public ValueTask<ViewReading> ReadAsync(
        ViewReference view, string entityKey, Instant asOf, Position? minPosition = null, CancellationToken cancellation = default) => throw new NotSupportedException();
}
