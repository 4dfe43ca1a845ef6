using System.Diagnostics;
using System.Globalization;

namespace EventFeatures.Testing.Faults.Rig;

/// <summary>One process of <see cref="NodeProgram"/>. It ends by itself when this process does.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource<NodeMemory>? _memory;
    private volatile TaskCompletionSource<long>? _scavenge;

    private NodeProcess(Process process, Action<string> onError)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => { if (line.Data is { Length: > 0 } error) onError(error); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Starts the program, which waits for <see cref="ServeAsync"/> before it touches the log.</summary>
    /// <param name="postgres">The log's database.</param>
    /// <param name="tailBytes">How much of the newest events it keeps in memory.</param>
    /// <param name="partitionEvents">How many events a part of the log holds.</param>
    /// <param name="onError">Told what it logs as an error, and what it prints as it crashes.</param>
    public static NodeProcess Start(string postgres, long tailBytes, long partitionEvents, Action<string> onError)
    {
        // In a session of its own, since Ctrl-C in a terminal is meant for whoever conducts the faults.
        var start = new ProcessStartInfo("setsid",
        [
            "dotnet", Path.Combine(AppContext.BaseDirectory, "EventFeatures.Testing.dll"), NodeProgram.Verb, postgres,
            tailBytes.ToString(CultureInfo.InvariantCulture), partitionEvents.ToString(CultureInfo.InvariantCulture),
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_TieredPGO"] = "0";
        return new NodeProcess(Process.Start(start) ?? throw new InvalidOperationException("Cannot start 'setsid'. Install util-linux."), onError);
    }

    /// <summary>Lets it take the log; gives its port once it serves.</summary>
    public async Task<int> ServeAsync(TimeSpan deadline)
    {
        await _process.StandardInput.WriteLineAsync("serve");
        await _process.StandardInput.FlushAsync();
        return await _port.Task.WaitAsync(deadline);
    }

    /// <summary>What it holds, after it has let go of all that it can.</summary>
    public async Task<NodeMemory> MemoryAsync()
    {
        _memory = new TaskCompletionSource<NodeMemory>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _process.StandardInput.WriteLineAsync(NodeProgram.Memory);
        await _process.StandardInput.FlushAsync();
        return await _memory.Task.WaitAsync(StopDeadline);
    }

    /// <summary>Has it scavenge the log. Completes with how many events that removed; with -1 when it was cut short or the process ended.</summary>
    public async Task<long> ScavengeAsync()
    {
        var scavenge = _scavenge = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _process.StandardInput.WriteLineAsync(NodeProgram.Scavenge);
        await _process.StandardInput.FlushAsync();
        return await scavenge.Task;
    }

    /// <summary>As <c>kill -9</c> does: no chance to finish anything.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        using var deadline = new CancellationTokenSource(StopDeadline);
        await _process.WaitForExitAsync(deadline.Token);
    }

    /// <summary>Lets it end by itself, and gives its exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited) _process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(StopDeadline);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        catch (Exception stuck) when (stuck is OperationCanceledException or IOException)
        {
            await KillAsync();
        }
        _process.Dispose();
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            _port.TrySetException(new IOException("The node ended before it served; what it printed is among the errors."));
            _scavenge?.TrySetResult(-1);
        }
        else if (line.StartsWith(NodeProgram.Ready, StringComparison.Ordinal)) _port.TrySetResult(int.Parse(line[NodeProgram.Ready.Length..], CultureInfo.InvariantCulture));
        else if (line.StartsWith(NodeProgram.Scavenge, StringComparison.Ordinal)) _scavenge?.TrySetResult(long.Parse(line[NodeProgram.Scavenge.Length..], CultureInfo.InvariantCulture));
        else if (line.StartsWith(NodeProgram.Memory, StringComparison.Ordinal)) _memory?.TrySetResult(NodeMemory.Parse(line[NodeProgram.Memory.Length..]));
    }
}

/// <summary>What a node's process holds.</summary>
/// <param name="Live">Bytes of its live objects.</param>
/// <param name="Resident">Bytes that the machine gives it.</param>
public sealed record NodeMemory(long Live, long Resident)
{
    internal static NodeMemory Parse(string text) =>
        text.Split(' ') is [var live, var resident] ? new(long.Parse(live, CultureInfo.InvariantCulture), long.Parse(resident, CultureInfo.InvariantCulture)) : throw new FormatException($"'{text}' is no two numbers of bytes.");

    public override string ToString() => FormattableString.Invariant($"{Live / 1024 / 1024} MiB live, {Resident / 1024 / 1024} MiB resident");
}
