using EventFeatures.Testing.Faults;
using EventFeatures.Testing.Faults.Rig;

namespace EventFeatures.Benchmarks.Soak;

/// <summary>Session after session of faults until the time is over, each with a log, a load and a schedule of its own.</summary>
internal sealed class LogSoak(SoakOptions options, SoakReport report)
{
    private const int RoundsPerSession = 60;
    private const int RoundsPerSmallDisk = 5;

    // The second session has a small disk, and so has every fifth after it.
    private const int SmallDiskEvery = 5;
    private const int SmallDiskFirst = 1;
    private const int SmallDiskMegabytes = 512;

    private readonly string _home = Path.Combine(Path.GetTempPath(), "eventfeatures-soak-" + Environment.ProcessId);

    private int _seed = options.Seed;

    /// <returns>Whether it came to its end, or was interrupted, and nothing was lost.</returns>
    public async Task<bool> RunAsync(CancellationToken interrupted)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(interrupted);
        report.Begin(options);
        try
        {
            await SoakAsync(over).ConfigureAwait(false);
        }
        catch (OperationCanceledException ended) when (ended.CancellationToken == over.Token)
        {
            // Its time is over, or its user has ended it. What missed a deadline of its own ends as cancelled too, and has failed.
        }
        catch (Exception error)
        {
            report.Failed(_seed, error);
        }
        report.End();
        return !report.FoundWrong && !report.HasFailed;
    }

    private async Task SoakAsync(CancellationTokenSource over)
    {
        try
        {
            await using var cluster = await KillableCluster.StartAsync(Path.Combine(_home, "cluster")).ConfigureAwait(false);
            if (options.Requests > 0) report.Found(await new MemorySoak(cluster, report).RunAsync(options.Requests, over.Token).ConfigureAwait(false));
            over.CancelAfter(options.Duration);
            for (var session = 0; !over.IsCancellationRequested && !report.FoundWrong; session++)
            {
                _seed = unchecked(options.Seed + session);
                if (session % SmallDiskEvery == SmallDiskFirst) await WithSmallDiskAsync(_seed, over.Token).ConfigureAwait(false);
                else report.Found(await new FaultSession(cluster, disk: null, _seed, report.Counts).RunAsync(RoundsPerSession, over.Token).ConfigureAwait(false));
            }
        }
        finally
        {
            if (Directory.Exists(_home)) Directory.Delete(_home, recursive: true);
        }
    }

    private async Task WithSmallDiskAsync(int seed, CancellationToken over)
    {
        using var disk = SmallDisk.TryMount(Path.Combine(_home, "small-disk"), SmallDiskMegabytes, out var reason);
        if (disk is null)
        {
            report.Skipped("full disks", reason);
            return;
        }
        await using var cluster = await KillableCluster.StartAsync(Path.Combine(disk.Folder, "cluster"), freeDiskMegabytesMin: 0).ConfigureAwait(false);
        report.Found(await new FaultSession(cluster, disk, seed, report.Counts).RunAsync(RoundsPerSmallDisk, over).ConfigureAwait(false));
    }
}
