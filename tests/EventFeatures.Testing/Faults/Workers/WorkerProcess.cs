using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace EventFeatures.Testing.Faults.Workers;

/// <summary><c>eventfeatures up</c> on a log and a database that others use as well, to be killed.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<string> _errors = new();
    private readonly Process _process;

    private WorkerProcess(Process process, string home)
    {
        (_process, Home) = (process, home);
        process.ErrorDataReceived += (_, line) => _errors.Enqueue(line.Data ?? "");
        process.BeginErrorReadLine();
    }

    /// <summary>Its data folder, which names the worker; it outlives the process.</summary>
    public string Home { get; }

    /// <summary>The name under which it takes its share.</summary>
    public string Name => File.ReadAllText(Path.Combine(Home, "worker")).Trim();

    public string Api { get; private set; } = "";

    public static async Task<WorkerProcess> StartAsync(string home, string postgres, string log)
    {
        // In a session of its own, since Ctrl-C in a terminal is meant for whoever conducts the faults.
        var start = new ProcessStartInfo("setsid", ["dotnet", Path.Combine(AppContext.BaseDirectory, "eventfeatures.dll"), "up", "--home", home, "--json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["EVENTFEATURES_POSTGRES"] = postgres;
        start.Environment["EVENTFEATURES_LOG"] = log;
        start.Environment["DOTNET_TieredPGO"] = "0";
        var worker = new WorkerProcess(Process.Start(start) ?? throw new InvalidOperationException("Cannot start 'setsid'. Install util-linux."), home);
        try
        {
            await worker.ReadyAsync();
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    /// <summary>As <c>kill -9</c> does: no chance to finish anything.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        using var deadline = new CancellationTokenSource(StopDeadline);
        await _process.WaitForExitAsync(deadline.Token);
    }

    /// <summary>As Ctrl+C or a service manager does.</summary>
    public async Task StopAsync()
    {
        using (var signal = Process.Start("sh", ["-c", $"kill -TERM {_process.Id.ToString(CultureInfo.InvariantCulture)}"])) await signal.WaitForExitAsync();
        using var deadline = new CancellationTokenSource(StopDeadline);
        await _process.WaitForExitAsync(deadline.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private async Task ReadyAsync()
    {
        using var deadline = new CancellationTokenSource(StartDeadline);
        var line = await _process.StandardOutput.ReadLineAsync(deadline.Token)
            ?? throw new InvalidOperationException($"The worker ended before it was ready: {string.Join('\n', _errors)}");
        using var ready = JsonDocument.Parse(line);
        Api = ready.RootElement.GetProperty("api").GetString()!;
    }
}
