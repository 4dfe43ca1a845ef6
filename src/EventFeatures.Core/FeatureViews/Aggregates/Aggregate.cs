using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// One kind of aggregate: what it takes, what it gives, and how it folds. A new one is a file beside its siblings
/// and a line in <see cref="AggregateCatalog"/>.
/// </summary>
public abstract class Aggregate
{
    /// <summary>The name in definitions; SQL's where SQL has one.</summary>
    public abstract string Name { get; }

    /// <summary>Whether <c>of</c> must be given. Where it need not be, the aggregate is over the events themselves.</summary>
    public virtual bool NeedsInput => true;

    /// <summary>What <c>of</c> may be, for people.</summary>
    public abstract string Accepts { get; }

    /// <summary>
    /// The kind of the result over inputs of a kind; <see cref="ValueKind.Null"/> in for no input, and out for
    /// "not over such inputs".
    /// </summary>
    public abstract ValueKind Result(ValueKind input);

    /// <summary>A fold over no input yet.</summary>
    /// <param name="input">The inputs' kind, one that <see cref="Result"/> takes.</param>
    public abstract Accumulator Start(ValueKind input);
}
