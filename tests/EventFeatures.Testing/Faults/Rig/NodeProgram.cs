using System.Globalization;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.EmbeddedNode.Storage;
using Npgsql;

namespace EventFeatures.Testing.Faults.Rig;

/// <summary>
/// An embedded node as a program of its own, so that it can be killed as a process is. It obeys lines of its standard
/// input: the first lets it take the log, the next, or the input's end, stops it.
/// </summary>
public static class NodeProgram
{
    /// <summary>What the program is called with, before the connection string.</summary>
    public const string Verb = "node";

    /// <summary>What it prints before its port, once it serves.</summary>
    public const string Ready = "ready ";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task<int> Main(string[] args)
    {
        if (args is not [Verb, var postgres])
        {
            await Console.Error.WriteLineAsync($"Usage: {Verb} POSTGRES. The fault tests start this program.");
            return 2;
        }
        if (await Console.In.ReadLineAsync() is null) return 0;
        var stop = Task.Run(Console.In.ReadLineAsync);
        var options = new EmbeddedNodeOptions { Postgres = postgres, LoggerFactory = new LoggedErrors(Console.Error.WriteLine) };
        await using var node = await StartAsync(options, stop);
        if (node is null) return 0;
        Console.WriteLine(Ready + node.Port.ToString(CultureInfo.InvariantCulture));
        await stop;
        return 0;
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
