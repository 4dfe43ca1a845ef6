using EventFeatures.Testing.Faults;
using EventFeatures.Testing.Faults.Rig;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace EventFeatures.IntegrationTests.Faults;

/// <summary>The log under concurrent load while it is killed, cut off and starved at seeded moments.</summary>
public sealed class LogFaultTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Nothing_acknowledged_is_lost_doubled_or_reordered_whatever_is_killed()
    {
        await using var cluster = await KillableCluster.StartAsync(Folder());
        await KeepsItsPromisesAsync(cluster, disk: null, rounds: 20, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_disk_fills_up()
    {
        using var disk = SmallDisk.TryMount(Folder(), megabytes: 512, out var reason);
        if (disk is null)
        {
            output.WriteLine("Not run: " + reason);
            return;
        }
        await using var cluster = await KillableCluster.StartAsync(Path.Combine(disk.Folder, "cluster"), freeDiskMegabytesMin: 0);
        await KeepsItsPromisesAsync(cluster, disk, rounds: 6, TimeSpan.FromSeconds(12));
    }

    private async Task KeepsItsPromisesAsync(KillableCluster cluster, SmallDisk? disk, int rounds, TimeSpan duration)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("EVENTFEATURES_TEST_SEED"), out var named) ? named : Environment.TickCount & 0xFFFFFF;
        output.WriteLine($"seed {seed}; repeat with EVENTFEATURES_TEST_SEED={seed}");
        var counts = new FaultCounts();

        // Fewer rounds on a machine that is busy with something else.
        using var over = new CancellationTokenSource(duration);
        var wrong = await new FaultSession(cluster, disk, seed, counts).RunAsync(rounds, over.Token);

        output.WriteLine($"{string.Join(", ", counts.Faults)}; {counts.EventsAcknowledged} events acknowledged, {counts.DoubtsHealed} doubts healed, {counts.EventsDelivered} delivered, {counts.EventsRead} read");
        wrong.ShouldBeEmpty();
        counts.Rounds.ShouldBePositive();
        counts.EventsAcknowledged.ShouldBePositive();
    }

    private static string Folder() => Path.Combine(Path.GetTempPath(), "eventfeatures-faults-" + Guid.NewGuid().ToString("n"));
}
