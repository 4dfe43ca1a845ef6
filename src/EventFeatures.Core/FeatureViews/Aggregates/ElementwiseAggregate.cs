using EventFeatures.Core.FeatureViews.Runs;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary>
/// An aggregate over numbers that is taken over lists of numbers element by element: the i-th element of the result is
/// the aggregate of the inputs' i-th elements. The result is as long as the longest input; null elements and those
/// that an input lacks do not count, and where none is left the element is null. Over no input the list is empty.
/// </summary>
internal abstract class ElementwiseAggregate : Aggregate
{
    /// <summary>How long an input may be. An event with a longer one breaks the view's contract with it.</summary>
    public const int ElementsMax = 4_096;

    public sealed override ValueShape? Result(ValueShape? input)
    {
        if (input?.Kind != ValueKind.Array) return ResultOfOne(input);
        return SumsFold.Takes(input.Element) && ResultOfOne(input.Element) is { } element ? ValueShape.ListOf(element) : null;
    }

    public sealed override Accumulator Start(AggregateInput input)
    {
        if (input.Kind != ValueKind.Array) return StartOne(input.Kind);
        var element = input.Of!.Element!.Kind;
        return new ElementwiseFold(() => StartOne(element));
    }

    internal sealed override RunFold? Tabulate(AggregateInput input, InputRun inputs) => input.Kind == ValueKind.Array ? null : TabulateOne(input.Kind, inputs);

    /// <summary>The result over single values.</summary>
    protected abstract ValueShape? ResultOfOne(ValueShape? input);

    /// <summary>A fold over single values.</summary>
    protected abstract Accumulator StartOne(ValueKind kind);

    /// <summary>As <see cref="Aggregate.Tabulate"/>, for single values.</summary>
    protected abstract RunFold? TabulateOne(ValueKind kind, InputRun inputs);
}
