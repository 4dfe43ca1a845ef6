using EventFeatures.Core.FeatureViews.Runs;
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

    /// <summary>Whether <see cref="Accumulator.Finish"/> looks at the asked instant, and not only at the inputs.</summary>
    public virtual bool DependsOnAsOf => false;

    /// <summary>Whether the value depends on the window's length itself, and not only on the inputs that lie within it.</summary>
    public virtual bool DependsOnWindow => false;

    /// <summary>Whether the value is made of the events' times, and not only of inputs that the times order or pick.</summary>
    public virtual bool IsOfTimes => false;

    /// <summary>Of which of a run's rows, those that count, the fold takes notice at all.</summary>
    internal virtual FoldedRows Folded => FoldedRows.All;

    /// <summary>The parameters that it takes, as definitions write them.</summary>
    public virtual IReadOnlyList<string> Parameters => [];

    /// <summary>The shape of the result over inputs of a shape, null for no input; null out for "not over such inputs".</summary>
    public abstract ValueShape? Result(ValueShape? input);

    /// <summary>What is wrong with the parameters or the window, given that the input's shape and the parameters' names are right.</summary>
    public virtual IEnumerable<AggregateIssue> Check(AggregateInput input) => [];

    /// <summary>
    /// Tables in which the value over any run of inputs is looked up; null where there are none for these, so that each
    /// run is folded. They depend on no window.
    /// </summary>
    internal virtual RunFold? Tabulate(AggregateInput input, InputRun inputs) => null;

    /// <summary>A fold over no input yet.</summary>
    /// <param name="input">What <see cref="Result"/> and <see cref="Check"/> found nothing wrong with.</param>
    public abstract Accumulator Start(AggregateInput input);
}

/// <summary>Which of a run's rows make a difference to a fold.</summary>
internal enum FoldedRows
{
    /// <summary>All that count.</summary>
    All,

    /// <summary>The newest that counts.</summary>
    Newest,

    /// <summary>The oldest that counts.</summary>
    Oldest,
}
