using System.Collections.Concurrent;
using System.Diagnostics;
using EventFeatures.Testing.Log;
using EventFeatures.Testing.Specs;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log;

/// <summary>The official Node.js clients, unchanged, against the log.</summary>
[Collection(LogServerCollection.Name)]
public sealed class InteropTests(LogServerFixture server)
{
    private static readonly TimeSpan InstallDeadline = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RunDeadline = TimeSpan.FromMinutes(2);
    private static readonly string Folder = Path.Combine(RepositoryFolder.Path, "tests", "interop");
    private static readonly string Modules = Path.Combine(Folder, "node_modules");
    private static readonly string LockFile = Path.Combine(Modules, ".install-lock");

    private const string ClientVariable = "EVENTFEATURES_TEST_CLIENT";
    private const string EventStore = "@eventstore/db-client";
    private const string Kurrent = "@kurrent/kurrentdb-client";

    [Theory]
    [InlineData(EventStore, "log.test.js")]
    [InlineData(EventStore, "persistent-subscriptions.test.js")]
    [InlineData(EventStore, "retention.test.js")]
    [InlineData(Kurrent, "log.test.js")]
    [InlineData(Kurrent, "persistent-subscriptions.test.js")]
    [InlineData(Kurrent, "retention.test.js")]
    public async Task The_official_node_clients_pass(string client, string file)
    {
        await InstallAsync(client);

        await RunAsync("node", RunDeadline, client, "--test", "--test-timeout=110000", "--test-reporter=spec", file);
    }

    private async Task InstallAsync(string client)
    {
        // Another test run of this checkout may be installing.
        await using var alone = await LockAsync();
        if (new[] { EventStore, Kurrent }.All(each => Directory.Exists(Path.Combine([Modules, .. each.Split('/')])))) return;
        string[] install = ["install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"];
        var (passed, _) = await TryAsync("npm", InstallDeadline, client, install);
        // Once more, since the packages come over the network.
        if (!passed) await RunAsync("npm", InstallDeadline, client, install);
    }

    private static async Task<FileStream> LockAsync()
    {
        // A name that npm leaves alone, in a folder that is no part of the checkout.
        Directory.CreateDirectory(Modules);
        FileStream? locked = null;
        await Eventually.TrueAsync(() => Task.FromResult(TryLock(out locked)), 3 * InstallDeadline, () => $"Another process holds '{LockFile}'.");
        return locked!;
    }

    private static bool TryLock(out FileStream? locked)
    {
        try
        {
            locked = new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            locked = null;
            return false;
        }
    }

    private async Task RunAsync(string program, TimeSpan deadline, string client, params string[] arguments)
    {
        var (passed, account) = await TryAsync(program, deadline, client, arguments);
        passed.ShouldBeTrue(account);
    }

    private async Task<(bool Passed, string Account)> TryAsync(string program, TimeSpan deadline, string client, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [LogServerFixture.ServerVariable] = server.ConnectionString, [ClientVariable] = client },
        };
        var nodesErrors = server.Errors.Count;
        using var process = Start(start);
        using var late = new CancellationTokenSource(deadline);
        ConcurrentQueue<string> output = new();
        Task[] printing = [PrintAsync(process.StandardOutput, output), PrintAsync(process.StandardError, output)];
        try
        {
            await process.WaitForExitAsync(late.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
        await Task.WhenAll(printing);
        string[] errors = [.. server.Errors.Skip(nodesErrors)];
        var account = $"{program} {string.Join(' ', arguments)}\n{string.Join('\n', output)}\nThe node's errors meanwhile:\n{string.Join('\n', errors)}";
        if (late.IsCancellationRequested) return (false, $"It was not done in {deadline}. {account}");
        return (process.ExitCode == 0 && errors.Length == 0, $"Exit code {process.ExitCode} of {account}");
    }

    // Line by line, so that of a run that hangs all is known up to there.
    private static async Task PrintAsync(StreamReader from, ConcurrentQueue<string> output)
    {
        while (await from.ReadLineAsync() is { } line) output.Enqueue(line);
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidOperationException(
                $"'{start.FileName}' is not on this machine, so the official Node.js clients cannot be tried. Install the Debian packages nodejs and npm; ops/test does so.", missing);
        }
    }
}
