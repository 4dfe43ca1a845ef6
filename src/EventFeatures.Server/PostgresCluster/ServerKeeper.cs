using System.Diagnostics;

namespace EventFeatures.Server.PostgresCluster;

/// <summary>
/// The thread under which the database server runs, and which starts it again where that is wanted. The kernel ends
/// the server when the thread that started it ends, so the thread has to live as long.
/// </summary>
internal sealed class ServerKeeper
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(30);

    // A server that ran as long as this had nothing wrong with its start.
    private static readonly TimeSpan RanWell = TimeSpan.FromMinutes(1);

    private readonly IReadOnlyList<string> _command;
    private readonly string _log;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _stop = new();
    private volatile Process? _server;
    private volatile string? _fault;
    private volatile bool _startsAgain;

    /// <param name="command">The server with its arguments.</param>
    /// <param name="log">The file that takes the server's output; emptied first.</param>
    public ServerKeeper(IEnumerable<string> command, string log)
    {
        (_command, _log) = ([.. command], log);
        new Thread(Keep) { IsBackground = true, Name = "postgres keeper" }.Start();
        _started.Task.GetAwaiter().GetResult();
    }

    /// <summary>Completes when the server has ended and is not started again.</summary>
    public Task Ended => _ended.Task;

    /// <summary>How the server ended, while it does not run; null while it does.</summary>
    public string? Fault => _fault;

    /// <summary>From now on a server that ends by itself is started again, at growing pauses, until <see cref="Stop"/>.</summary>
    public void StartAgain() => _startsAgain = true;

    /// <summary>Lets the server's next end be its last.</summary>
    public void Stop() => _stop.Set();

    public void Kill() => _server?.Kill(entireProcessTree: true);

    /// <summary>The last lines that the server wrote.</summary>
    public string LastWords() => File.Exists(_log) ? LastLines(File.ReadAllText(_log)) : "no output";

    public static string LastLines(string text) =>
        string.Join(" / ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(3));

    private void Keep()
    {
        try
        {
            var pause = PauseMin;
            for (var first = true; ; first = false)
            {
                var begun = Stopwatch.StartNew();
                using var server = Start(first ? ">" : ">>");
                (_server, _fault) = (server, null);
                _started.TrySetResult();
                server.WaitForExit();
                _server = null;
                if (_stop.IsSet || !_startsAgain) break;
                _fault = $"The database server ended: {Cause()}. It is started again every {PauseMax.TotalSeconds:0} s or sooner.";
                pause = begun.Elapsed > RanWell ? PauseMin : pause;
                if (_stop.Wait(pause)) break;
                pause = pause * 2 < PauseMax ? pause * 2 : PauseMax;
            }
        }
        catch (Exception error)
        {
            _fault = $"The database server cannot be started: {error.Message}";
            _started.TrySetException(error);
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    // The shell points the server's output at a file, so that it never blocks on, or dies of, a pipe of ours.
    private Process Start(string into)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"log=$1; shift; exec \"$@\" {into}\"$log\" 2>&1 </dev/null", "sh", _log, .. _command])
        {
            WorkingDirectory = "/",
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        return Process.Start(start) ?? throw new PrivateClusterException("Cannot start the database server.");
    }

    /// <summary>The last severe line that the server wrote, which names what ended it.</summary>
    private string Cause()
    {
        if (!File.Exists(_log)) return "it wrote no reason";
        var severe = File.ReadLines(_log).LastOrDefault(line => line.Contains("PANIC:", StringComparison.Ordinal) || line.Contains("FATAL:", StringComparison.Ordinal));
        return severe is null ? LastWords() : severe[(severe.IndexOf(": ", StringComparison.Ordinal) + 1)..].Trim();
    }
}
