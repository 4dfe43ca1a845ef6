using System.Collections.Concurrent;
using EventFeatures.Log.Client;
using EventFeatures.Testing.Faults.Checks;
using EventFeatures.Testing.Faults.Load;
using EventFeatures.Testing.Faults.Rig;

namespace EventFeatures.Testing.Faults;

/// <summary>
/// A log of its own, used by many at once while a schedule of faults hits it; afterwards every doubt is settled, and the
/// log is compared with all that its users know of it.
/// </summary>
/// <param name="cluster">Where the log's database is made.</param>
/// <param name="disk">The cluster's file system, when it can be filled.</param>
/// <param name="seed">What the schedule and the load are drawn from.</param>
/// <param name="counts">Told what happens.</param>
public sealed class FaultSession(KillableCluster cluster, SmallDisk? disk, int seed, FaultCounts counts)
{
    private static readonly TimeSpan StallDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SettleDeadline = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    private readonly Ledger _ledger = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private int _rounds;

    /// <summary>Runs this many faults, or until stopped, and one at least; what was begun is always checked.</summary>
    /// <returns>Everything that is wrong, in words; empty when the log kept its promises.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(int rounds, CancellationToken stop)
    {
        var database = FormattableString.Invariant($"faults_{unchecked((uint)seed)}");
        var postgres = await cluster.CreateDatabaseAsync(database);
        await using (var node = await RunningNode.StartAsync(postgres, _errors))
        {
            EventStoreLog[] clients = [.. Enumerable.Range(0, 6).Select(_ => EventStoreLog.Connect(node.ConnectionString))];
            try
            {
                var wrong = await RunAsync(node, clients, rounds, stop);
                return [.. wrong.Select(each => FormattableString.Invariant($"seed {seed}, after {_rounds} faults: {each}"))];
            }
            finally
            {
                foreach (var client in clients) await client.DisposeAsync();
            }
        }
    }

    private async Task<IReadOnlyList<string>> RunAsync(RunningNode node, EventStoreLog[] clients, int rounds, CancellationToken stop)
    {
        using var stopLoad = new CancellationTokenSource();
        using var stopFollowers = new CancellationTokenSource();
        var appenders = new Appenders([clients[0], clients[1]], _ledger, seed);
        var readers = new Readers(clients[1], _ledger, seed);
        var followers = Enum.GetValues<FollowerTemper>().Select((temper, index) => new Follower(clients[2 + index], temper, _ledger, seed + index)).ToList();
        var load = Task.WhenAll(appenders.RunAsync(stopLoad.Token), readers.RunAsync(stopLoad.Token));
        var following = Task.WhenAll(followers.Select(follower => Task.Run(() => follower.RunAsync(stopFollowers.Token))));
        try
        {
            await InjectAsync(new FaultInjector(cluster, node, disk), rounds, stop);
        }
        finally
        {
            await stopLoad.CancelAsync();
            await load;
        }
        if (!await appenders.HealAsync(SettleDeadline))
        {
            await stopFollowers.CancelAsync();
            await following;
            return [.. _ledger.Violations, .. NodeErrors];
        }
        var log = await SeenEvent.AllOfAsync(clients[0], SettleDeadline);
        await CaughtUpAsync(followers, log);
        await stopFollowers.CancelAsync();
        await following;
        counts.Session(_ledger.AcknowledgedEvents, _ledger.Healed, followers.Sum(follower => (long)follower.Delivered.Count), readers.Events);
        return
        [
            .. _ledger.Violations, .. LogCheck.Run(log, _ledger.Attempts),
            .. followers.SelectMany(follower => LogCheck.Delivered(follower.Temper.ToString(), follower.Delivered, Wanted(log, follower))),
            .. NodeErrors,
        ];
    }

    private IEnumerable<string> NodeErrors => _errors.Select(error => "The node logged an error: " + error);

    private async Task InjectAsync(FaultInjector injector, int rounds, CancellationToken stop)
    {
        foreach (var fault in FaultSchedule.Draw(seed, disk is not null).Take(rounds))
        {
            // A session without a fault would show nothing, however busy the machine was until then.
            if ((_rounds > 0 && stop.IsCancellationRequested) || !await AnsweredAsync(fault.AfterAnswers)) return;
            await Task.Delay(fault.Pause, CancellationToken.None);
            await injector.InjectAsync(fault, CancellationToken.None);
            counts.Fault(fault.Kind);
            _rounds++;
        }
        await AnsweredAsync(1);
    }

    private async Task<bool> AnsweredAsync(int count)
    {
        var (target, begun) = (_ledger.Answered + count, TimeProvider.System.GetTimestamp());
        while (_ledger.Answered < target)
        {
            if (TimeProvider.System.GetElapsedTime(begun) > StallDeadline)
            {
                _ledger.Violate(FormattableString.Invariant($"The log stalled: {target - _ledger.Answered} of {count} appends were not answered within {StallDeadline.TotalSeconds} s after the last fault."));
                return false;
            }
            await Task.Delay(Look);
        }
        return true;
    }

    // A follower that does not get there in time is left to the check, which says what it lacks.
    private static async Task CaughtUpAsync(List<Follower> followers, List<SeenEvent> log)
    {
        var begun = TimeProvider.System.GetTimestamp();
        foreach (var follower in followers)
        {
            var last = Wanted(log, follower).LastOrDefault();
            while (follower.Seen < last && TimeProvider.System.GetElapsedTime(begun) < SettleDeadline) await Task.Delay(Look);
        }
    }

    private static IEnumerable<ulong> Wanted(List<SeenEvent> log, Follower follower) =>
        log.Where(seen => Follower.PrefixOf(follower.Temper) is not { } prefix || seen.Stream.StartsWith(prefix, StringComparison.Ordinal)).Select(seen => seen.Position);
}
