using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews;

/// <summary>What a view made of an event.</summary>
public abstract record RowReading
{
    private RowReading() { }

    /// <summary>The event is of another contract's type, or not of the contract's category.</summary>
    public sealed record NotMine : RowReading
    {
        internal static readonly NotMine Instance = new();
    }

    /// <summary>The event is a row of a view whose entities are its streams; the entity's state decides whether it counts.</summary>
    public sealed record Row(FeatureRow Value) : RowReading;

    /// <summary>
    /// The event keeps its contract, in a view whose entities are not simply its streams. Whether it counts is for
    /// its stream to say; if it does, these rows do.
    /// </summary>
    /// <param name="Source">The source that read it, as an index into <see cref="CompiledView.Contracts"/>.</param>
    /// <param name="OccurredAt">When the fact happened.</param>
    /// <param name="Values">One row for each entity that it concerns.</param>
    /// <param name="Unkeyed">Why it concerns none; null when it does, or when the source's condition leaves it out.</param>
    public sealed record Rows(int Source, Instant OccurredAt, IReadOnlyList<FeatureRow> Values, string? Unkeyed) : RowReading;

    /// <summary>The event breaks the contract and belongs in quarantine.</summary>
    /// <param name="Code">A stable kebab-case code, for example <c>required-field-missing</c>.</param>
    /// <param name="Detail">What was found where, with the value.</param>
    public sealed record Violation(string Code, string Detail) : RowReading
    {
        /// <summary>What an event is that the view's code cannot stand.</summary>
        public static Violation Of(Exception exception) => new("projection-failed", $"{exception.GetType().Name}: {exception.Message}");
    }
}
