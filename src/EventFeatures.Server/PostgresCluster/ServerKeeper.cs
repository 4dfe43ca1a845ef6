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

    private static readonly TimeSpan RecoveryMax = TimeSpan.FromSeconds(10);

    // A server that ran as long as this had nothing wrong with its start.
    private static readonly TimeSpan RanWell = TimeSpan.FromMinutes(1);

    private static readonly string StartedAgain = FormattableString.Invariant($"It is started again every {PauseMax.TotalSeconds:0} s or sooner.");

    private static readonly string[] Severities = ["PANIC:", "FATAL:"];

    // What the server tells those whom it turns away while it starts or ends.
    private static readonly string[] Turnings = ["accepting connections", "starting up", "shutting down", "recovery mode", "terminating connection"];

    private readonly IReadOnlyList<string> _command;
    private readonly string _log;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _stop = new();
    private volatile Process? _server;
    private long _begun;
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

    /// <summary>How the server ended, until it has run again for long enough to be past its recovery; null while all is well.</summary>
    public string? Fault => _server is null || Stopwatch.GetElapsedTime(Volatile.Read(ref _begun)) < RecoveryMax ? _fault : null;

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
                try
                {
                    Run(first ? ">" : ">>");
                    if (_stop.IsSet || !_startsAgain) break;
                    _fault = $"The database server ended: {Cause()}. {StartedAgain}";
                }
                // A machine that is short of memory, processes or files for a while refuses a start that succeeds later.
                catch (Exception refused) when (_startsAgain)
                {
                    _fault = $"The database server cannot be started: {refused.Message} {StartedAgain}";
                }
                pause = Stopwatch.GetElapsedTime(_begun) > RanWell ? PauseMin : pause;
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

    private void Run(string into)
    {
        Volatile.Write(ref _begun, Stopwatch.GetTimestamp());
        using var server = Start(into);
        _server = server;
        _started.TrySetResult();
        server.WaitForExit();
        _server = null;
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
        try
        {
            if (!File.Exists(_log)) return "it wrote no reason";
            var severe = File.ReadLines(_log).LastOrDefault(line => Severities.Any(line.Contains) && !Turnings.Any(line.Contains));
            return severe is null ? LastWords() : severe[(severe.IndexOf(": ", StringComparison.Ordinal) + 1)..].Trim();
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            return $"its reason cannot be read ({unread.Message.TrimEnd('.')})";
        }
    }
}
