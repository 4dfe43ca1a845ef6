using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Runs;

/// <summary>
/// What an aggregate comes to over any run of an entity's inputs, looked up in tables that are made once for all points
/// in time that are asked about. It gives the bits that an <see cref="Accumulator"/> over the run gives.
/// </summary>
internal abstract class RunFold
{
    /// <summary>The value over a run of inputs; null over none unless the aggregate says otherwise.</summary>
    /// <param name="first">The index of the first input.</param>
    /// <param name="end">The index after the last one; <paramref name="first"/> for an empty run.</param>
    /// <param name="asOf">The asked instant.</param>
    public abstract Value Over(int first, int end, Instant asOf);
}

/// <summary>How many inputs there are.</summary>
internal sealed class CountRun : RunFold
{
    public static readonly CountRun Instance = new();

    public override Value Over(int first, int end, Instant asOf) => Value.Of((long)(end - first));
}

/// <summary>The last input or, with a negative sign, the first.</summary>
internal sealed class EdgeRun(InputRun inputs, int sign) : RunFold
{
    public override Value Over(int first, int end, Instant asOf) => first == end ? Value.Null : inputs.Values[sign > 0 ? end - 1 : first];
}

/// <summary>The seconds from the last input or, with a negative sign, from the first to the asked instant.</summary>
internal sealed class SecondsRun(InputRun inputs, int sign) : RunFold
{
    public override Value Over(int first, int end, Instant asOf) =>
        first == end ? Value.Null : SecondsSince.Seconds(inputs.PlaceOf(sign > 0 ? end - 1 : first).OccurredAt, asOf);
}
