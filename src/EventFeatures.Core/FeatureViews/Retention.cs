using EventFeatures.Core.Contracts;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// How much an entity's state keeps. Rows at or before <c>newest - Horizon</c> are folded away, so the state is a
/// function of the admitted events and not of when it was looked at.
/// </summary>
/// <param name="Reach">How far before an as-of instant the longest bounded window starts.</param>
/// <param name="Horizon">How long rows are kept, measured back from the entity's newest event.</param>
internal readonly record struct Retention(Duration Reach, Duration Horizon)
{
    /// <summary>
    /// As-of instants up to this long before the entity's newest event can still be answered, for clocks that
    /// disagree and requests that come late. An hour, or the contracts' largest future skew if that is longer.
    /// </summary>
    private static readonly Duration SlackMin = Duration.Parse("1h");

    public static Retention For(FeatureView view, IEnumerable<DataContract> contracts)
    {
        var reach = view.Features.Select(feature => WindowBounds.Reach(feature.Window) ?? Duration.Zero).DefaultIfEmpty().Max();
        var slack = contracts.Select(contract => contract.FutureSkewMax ?? SlackMin).Append(SlackMin).Max();
        return new Retention(reach, new Duration(reach.Microseconds + slack.Microseconds));
    }
}
