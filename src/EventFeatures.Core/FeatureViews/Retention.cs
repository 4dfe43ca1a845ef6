using EventFeatures.Core.Contracts;
using EventFeatures.Core.FeatureViews.Windows;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>
/// Which rows an entity's state keeps: those that some window needs at some as-of instant no further than
/// <see cref="Slack"/> before the entity's newest event. They are the last rows in fold order, and depend on the
/// admitted events alone, not on when the state was looked at.
/// </summary>
internal sealed class Retention
{
    /// <summary>
    /// As-of instants up to this long before the entity's newest event can still be answered, for clocks that
    /// disagree and requests that come late. An hour, or the contracts' largest future skew if that is longer.
    /// </summary>
    private static readonly Duration SlackMin = Duration.Parse("1h");

    private readonly RowNeed[] _needs;

    private Retention(RowNeed[] needs, Duration slack)
    {
        (_needs, Slack) = (needs, slack);
        OffsetMax = needs.Max(need => need.Offset);
    }

    /// <summary>How far before the newest event an as-of instant may lie and still be answered.</summary>
    public Duration Slack { get; }

    /// <summary>How far before the as-of instant a window ends at most.</summary>
    public Duration OffsetMax { get; }

    public static Retention For(IEnumerable<FeatureKernel> kernels, IEnumerable<DataContract> contracts) => new(
        [.. kernels.Select(kernel => kernel.Frame.Need).Distinct()],
        contracts.Select(contract => contract.FutureSkewMax ?? SlackMin).Append(SlackMin).Max());

    /// <summary>How many of the first rows no window needs at any as-of instant from <paramref name="asOfMin"/> on.</summary>
    public int CountUnneeded(ReadOnlySpan<FeatureRow> rows, Instant asOfMin)
    {
        var count = rows.Length;
        foreach (var need in _needs)
        {
            var end = asOfMin - need.Offset;
            var before = RowSearch.CountBefore(rows, end);
            var start = Math.Max(0, before - need.RowsBefore);
            if (need.RowsBefore > 0 && need.Reach is { } reach) start = Math.Max(start, RowSearch.CountBefore(rows[..before], end - reach));
            count = Math.Min(count, start);
        }
        return count;
    }
}
