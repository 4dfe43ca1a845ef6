using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Windows;

/// <summary>
/// The rows that a window may pick from, in fold order: a run of rows and, apart from it, perhaps one more row that
/// comes after a gap. The gap is what <c>exclude: ties</c> leaves out.
/// </summary>
internal readonly ref struct Candidates(ReadOnlySpan<FeatureRow> run, FeatureRow? last = null)
{
    private readonly FeatureRow? _last = last;

    public ReadOnlySpan<FeatureRow> Run { get; } = run;

    public FeatureRow? Last => _last;

    public int Count => Run.Length + (_last is null ? 0 : 1);

    public FeatureRow this[int index] => index < Run.Length ? Run[index] : _last!;

    /// <summary>All rows at or before an instant, without those that are left out.</summary>
    /// <param name="rows">Rows in fold order, none of them after <paramref name="asOf"/>.</param>
    /// <param name="asOf">The asked instant.</param>
    /// <param name="exclusion">What is left out of the rows at that instant.</param>
    public static Candidates Of(ReadOnlySpan<FeatureRow> rows, Instant asOf, WindowExclusion exclusion)
    {
        if (exclusion == WindowExclusion.None || rows.IsEmpty || rows[^1].OccurredAt != asOf) return new Candidates(rows);
        return exclusion switch
        {
            WindowExclusion.Newest => new Candidates(rows[..^1]),
            WindowExclusion.SameTime => new Candidates(rows[..RowSearch.CountBefore(rows, asOf)]),
            WindowExclusion.Ties => new Candidates(rows[..RowSearch.CountBefore(rows, asOf)], rows[^1]),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Those at or before an instant.</summary>
    public Candidates Until(Instant until) =>
        _last is null || _last.OccurredAt > until ? new Candidates(Run[..RowSearch.CountUntil(Run, until)]) : this;

    /// <summary>How many lie before an instant, which is at or before the last row.</summary>
    public int CountBefore(Instant instant) => RowSearch.CountBefore(Run, instant);
}
