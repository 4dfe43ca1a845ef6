using CsCheck;
using Xunit;

namespace EventFeatures.UnitTests.Log.PersistentSubscriptions;

public sealed class NothingIsLostTests
{
    private static readonly Gen<(int Kind, int Choice)[]> Steps = Gen.Select(Gen.Int[0, 13], Gen.Int[0, 1000]).Array[0, 250];

    [Theory]
    [InlineData("RoundRobin")]
    [InlineData("DispatchToSingle")]
    [InlineData("Pinned")]
    public void Whatever_consumers_do_each_event_is_acknowledged_or_parked_and_no_checkpoint_passes_one_that_is_not(string strategy) =>
        Steps.Sample(
            steps =>
            {
                var simulation = new GroupSimulation(GroupBench.Settings with { Strategy = strategy, LiveBufferSize = 6, HistoryBufferSize = 4 });
                foreach (var (kind, choice) in steps) simulation.Step(kind, choice);
                simulation.RunToItsEnd();
            },
            iter: 250);
}
