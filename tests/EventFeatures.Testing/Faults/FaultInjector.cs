using EventFeatures.Testing.Faults.Rig;

namespace EventFeatures.Testing.Faults;

/// <summary>Does a fault to a running log, and undoes it.</summary>
internal sealed class FaultInjector(KillableCluster cluster, RunningNode node, SmallDisk? disk)
{
    private static readonly TimeSpan DelayStep = TimeSpan.FromMilliseconds(15);

    // Enough that connections and queries still work, while the next growth of a file does not.
    private const long FullDiskBytesLeft = 200 * 1024;

    public async Task InjectAsync(Fault fault, CancellationToken stop)
    {
        switch (fault.Kind)
        {
            case FaultKind.KillNode:
                await node.KillAsync();
                await node.ReplaceAsync();
                break;
            case FaultKind.KillPostgres:
                await cluster.KillAsync();
                await cluster.RestartAsync();
                break;
            case FaultKind.KillBoth:
                await Task.WhenAll(node.KillAsync(), cluster.KillAsync());
                await cluster.RestartAsync();
                await node.ReplaceAsync();
                break;
            case FaultKind.KillWriterSession:
                while (!await cluster.KillWriterSessionAsync()) await Task.Delay(DelayStep, stop);
                break;
            case FaultKind.StopNode:
                await node.StopAsync();
                await node.ReplaceAsync();
                break;
            case FaultKind.DropConnections:
                node.Link.Blip();
                break;
            case FaultKind.CutLink:
                await ForAWhileAsync(node.Link.Cut, fault.Duration, node.Link.Mend, stop);
                break;
            case FaultKind.FreezeLink:
                await ForAWhileAsync(node.Link.Freeze, fault.Duration, node.Link.Mend, stop);
                break;
            case FaultKind.DelayLink:
                await ForAWhileAsync(() => node.Link.Delay = DelayStep, fault.Duration, node.Link.Mend, stop);
                break;
            case FaultKind.FillDisk:
                await ForAWhileAsync(() => disk!.Fill(FullDiskBytesLeft), fault.Duration, disk!.Empty, stop);
                await RevivedAsync(stop);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fault), fault.Kind, "No such fault.");
        }
    }

    // PostgreSQL gives up when it cannot write its own log, and may only be about to; then it is for its keeper to start it again.
    private async Task RevivedAsync(CancellationToken stop)
    {
        while (!await cluster.AnswersAsync())
        {
            if (!cluster.IsRunning) await cluster.RestartAsync();
            await Task.Delay(DelayStep, stop);
        }
    }

    private static async Task ForAWhileAsync(Action begin, TimeSpan duration, Action end, CancellationToken stop)
    {
        try
        {
            begin();
            await Task.Delay(duration, stop);
        }
        finally
        {
            end();
        }
    }
}
