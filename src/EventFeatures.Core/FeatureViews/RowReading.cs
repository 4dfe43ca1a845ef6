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

    /// <summary>The event is a row of the view.</summary>
    public sealed record Row(FeatureRow Value) : RowReading;

    /// <summary>The event breaks the contract and belongs in quarantine.</summary>
    /// <param name="Code">A stable kebab-case code, for example <c>required-field-missing</c>.</param>
    /// <param name="Detail">What was found where, with the value.</param>
    public sealed record Violation(string Code, string Detail) : RowReading;
}
