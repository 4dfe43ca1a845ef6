using System.Runtime.InteropServices;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>Finds places among rows in fold order.</summary>
internal static class RowSearch
{
    /// <summary>How many rows occurred at or before an instant.</summary>
    public static int CountUntil(ReadOnlySpan<FeatureRow> rows, Instant until)
    {
        // The newest rows are asked for most.
        if (rows.IsEmpty || rows[^1].OccurredAt <= until) return rows.Length;
        var (low, high) = (0, rows.Length - 1);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (rows[middle].OccurredAt <= until) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>How many rows occurred before an instant.</summary>
    public static int CountBefore(ReadOnlySpan<FeatureRow> rows, Instant instant) => CountUntil(rows, instant - new Duration(1));

    /// <summary>Where a row belongs.</summary>
    public static int PlaceOf(ReadOnlySpan<FeatureRow> rows, FeatureRow row)
    {
        var at = CountUntil(rows, row.OccurredAt);
        while (at > 0 && FeatureRow.FoldOrder.Compare(rows[at - 1], row) > 0) at--;
        return at;
    }

    /// <summary>The rows as a span, copied only if they are neither an array, a part of one, nor a list.</summary>
    public static ReadOnlySpan<FeatureRow> Span(IReadOnlyList<FeatureRow> rows) => rows switch
    {
        FeatureRow[] array => array,
        List<FeatureRow> list => CollectionsMarshal.AsSpan(list),
        ArraySegment<FeatureRow> segment => segment,
        _ => rows.ToArray(),
    };
}
