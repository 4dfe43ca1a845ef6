using System.Globalization;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Faults.Workers;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace EventFeatures.IntegrationTests.Faults;

/// <summary>
/// Two workers in processes of their own on one log and one database, killed at random. <c>EVENTFEATURES_TEST_EVENTS</c>
/// asks for more events than a short run has; <c>ops/eventfeatures soak views</c> for as many as one likes.
/// </summary>
public sealed class KilledWorkerTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Workers_that_are_killed_come_to_the_digests_of_one_that_is_not()
    {
        var seed = Number("EVENTFEATURES_TEST_SEED", Environment.TickCount & 0xFFFFFF);
        var events = Number("EVENTFEATURES_TEST_EVENTS", 20_000);
        output.WriteLine($"seed {seed}; repeat with EVENTFEATURES_TEST_SEED={seed}");
        await using var log = await TestDatabase.CreateAsync();
        await using var shared = await TestDatabase.CreateAsync();
        await using var alone = await TestDatabase.CreateAsync();
        await using var session = new WorkerSession(
            new WorkerPlan(seed, events, Math.Max(1, events / 10), Workers: 2, Kills: 3), log.ConnectionString, shared.ConnectionString, alone.ConnectionString, output.WriteLine);

        (await session.RunAsync(CancellationToken.None)).ShouldBeEmpty($"seed {seed}");
        session.Kills.ShouldBe(3);
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
