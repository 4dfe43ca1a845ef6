using CsCheck;
using EventFeatures.Core.Statistics;

namespace EventFeatures.UnitTests.Statistics;

/// <summary>Lists of scored outcomes for the tests of this folder.</summary>
internal static class Outcomes
{
    public static ScoredOutcome Yes(double probability) => new(probability, true);

    public static ScoredOutcome No(double probability) => new(probability, false);

    // Few distinct probabilities, so that ties are common.
    public static Gen<ScoredOutcome[]> Any { get; } =
        Gen.Select(Gen.Int[0, 20], Gen.Bool, (twentieths, outcome) => new ScoredOutcome(twentieths / 20.0, outcome)).Array[1, 60];
}
