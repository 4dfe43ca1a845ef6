using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EventFeatures.Testing.Faults.Rig;
using EventFeatures.Testing.Specs;

namespace EventFeatures.IntegrationTests.Faults;

/// <summary>
/// <c>eventfeatures up</c> as a process of its own with a private database in a home folder of its own, to be killed
/// and started again on the same data.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(60);

    private const string Nobody = "http://127.0.0.1:1";

    private readonly ConcurrentQueue<string> _errors = new();
    private Process? _process;

    public string Home { get; } = Path.Combine(Path.GetTempPath(), "eventfeatures-faults-" + Guid.NewGuid().ToString("n"));

    /// <summary>Where it listens; while it does not, a port that nobody has: the one that it left may be another's by then.</summary>
    public string Api { get; private set; } = Nobody;

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "eventfeatures.dll"), "up", "--home", Home, "--json" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var variable in (string[])["EVENTFEATURES_POSTGRES", "EVENTFEATURES_LOG", "EVENTFEATURES_HOME"]) start.Environment.Remove(variable);
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => _errors.Enqueue(line.Data ?? "");
        _process.BeginErrorReadLine();
        using var deadline = new CancellationTokenSource(StartDeadline);
        var line = await _process.StandardOutput.ReadLineAsync(deadline.Token)
            ?? throw new InvalidOperationException($"The server ended before it was ready: {string.Join('\n', _errors)}");
        using var ready = JsonDocument.Parse(line);
        if (!ready.RootElement.GetProperty("ready").GetBoolean()) throw new InvalidOperationException(line);
        Api = ready.RootElement.GetProperty("api").GetString()!;
    }

    /// <summary>As <c>kill -9</c> does: no chance to finish anything.</summary>
    /// <param name="withDatabase">Whether the database's own processes are killed at the same moment.</param>
    public async Task KillAsync(bool withDatabase = false)
    {
        Api = Nobody;
        // With the database's sessions, since one that is left holds memory without which the database does not start again.
        if (withDatabase) await LinuxProcesses.KillFamiliesAsync([_process!.Id, DatabaseId], StopDeadline);
        else _process!.Kill();
        using var deadline = new CancellationTokenSource(StopDeadline);
        await _process.WaitForExitAsync(deadline.Token);
        _process.Dispose();
        _process = null;
    }

    /// <summary>As Ctrl+C or a service manager does.</summary>
    public async Task StopAsync()
    {
        if (_process is null) return;
        using (var signal = Process.Start("sh", ["-c", $"kill -TERM {_process.Id.ToString(CultureInfo.InvariantCulture)}"])) await signal.WaitForExitAsync();
        using var deadline = new CancellationTokenSource(StopDeadline);
        await _process.WaitForExitAsync(deadline.Token);
        _process.Dispose();
        _process = null;
    }

    /// <summary>Completes once no process names the home folder any more.</summary>
    public Task AllGoneAsync() => Eventually.TrueAsync(() => Task.FromResult(Remaining().Count == 0), StopDeadline, () => $"Left running: {string.Join("; ", Remaining())}");

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
        }
        await AllGoneAsync();
        if (Directory.Exists(Home)) Directory.Delete(Home, recursive: true);
    }

    private int DatabaseId => ServerNote.IdIn(Path.Combine(Home, "postgres")) ?? throw new InvalidOperationException("The server runs without its database.");

    private List<(int Id, string Command)> Remaining() =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(folder => (Id: int.TryParse(Path.GetFileName(folder), out var id) ? id : 0, Command: CommandLine(folder)))
            .Where(process => process.Id > 0 && process.Id != Environment.ProcessId && process.Command.Contains(Home, StringComparison.Ordinal)),
    ];

    private static string CommandLine(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
