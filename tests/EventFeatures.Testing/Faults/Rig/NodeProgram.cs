using System.Globalization;
using EventFeatures.Core.Events;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.EmbeddedNode.Storage;
using Npgsql;

namespace EventFeatures.Testing.Faults.Rig;

/// <summary>
/// An embedded node as a program of its own, so that it can be killed as a process is. It obeys lines of its standard
/// input: the first lets it take the log; <see cref="Memory"/> asks what it holds, <see cref="Scavenge"/> has it free room;
/// any other, or the input's end, stops it.
/// </summary>
public static class NodeProgram
{
    /// <summary>What the program is called with, before the connection string, the size of the tail and that of a part of the log.</summary>
    public const string Verb = "node";

    /// <summary>What it prints before its port, once it serves.</summary>
    public const string Ready = "ready ";

    /// <summary>Asks for, and precedes, the bytes of its live objects and those that the machine gives it.</summary>
    public const string Memory = "memory ";

    /// <summary>Has it scavenge the log, and precedes how many events that removed.</summary>
    public const string Scavenge = "scavenge ";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task<int> Main(string[] args)
    {
        if (args is not [Verb, var postgres, var tail, var part]
            || !long.TryParse(tail, NumberStyles.None, CultureInfo.InvariantCulture, out var tailBytes)
            || !long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var partitionEvents))
        {
            await Console.Error.WriteLineAsync($"Usage: {Verb} POSTGRES TAIL-BYTES PARTITION-EVENTS. The fault tests start this program.");
            return 2;
        }
        if (await Console.In.ReadLineAsync() is null) return 0;
        var serving = new TaskCompletionSource<EmbeddedNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stop = Task.Run(() => ObeyAsync(serving.Task));
        var options = new EmbeddedNodeOptions { Postgres = postgres, TailBytesMax = tailBytes, PartitionEvents = partitionEvents, LoggerFactory = new LoggedErrors(Console.Error.WriteLine) };
        await using var node = await StartAsync(options, stop);
        if (node is null) return 0;
        serving.SetResult(node);
        Console.WriteLine(Ready + node.Port.ToString(CultureInfo.InvariantCulture));
        await stop;
        return 0;
    }

    private static async Task ObeyAsync(Task<EmbeddedNode> serving)
    {
        while (await Console.In.ReadLineAsync() is var line and (Memory or Scavenge))
        {
            if (line == Scavenge)
            {
                _ = ScavengeAsync(await serving);
                continue;
            }
            var live = GC.GetTotalMemory(forceFullCollection: true);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Memory}{live} {Environment.WorkingSet}"));
        }
    }

    // One that PostgreSQL cuts short is no error: whoever started this process may have killed it.
    private static async Task ScavengeAsync(EmbeddedNode node)
    {
        var removed = 0L;
        try
        {
            removed = (await node.ScavengeAsync([])).EventsRemoved;
        }
        catch (Exception cut)
        {
            removed = -1;
            if (cut is not (NpgsqlException or ScavengeRefusedException or OperationCanceledException)) await Console.Error.WriteLineAsync(cut.ToString());
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Scavenge}{removed}"));
    }

    // PostgreSQL may be away at the very moment; whoever started this process decides when that is too long.
    private static async Task<EmbeddedNode?> StartAsync(EmbeddedNodeOptions options, Task stop)
    {
        while (!stop.IsCompleted)
        {
            try
            {
                return await EmbeddedNode.StartAsync(options);
            }
            catch (Exception away) when (away is NpgsqlException or TimeoutException or NodeAlreadyRunningException)
            {
                await Task.WhenAny(stop, Task.Delay(Pause));
            }
        }
        return null;
    }
}
