using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Aggregates;

/// <summary><c>first</c>: the first non-null input by event time, then position; of the input's kind. Null over none.</summary>
internal sealed class First : Aggregate
{
    public override string Name => "first";

    public override string Accepts => "any field or expression";

    public override ValueKind Result(ValueKind input) => input;

    public override Accumulator Start(ValueKind input) => new EdgeFold(-1);
}
