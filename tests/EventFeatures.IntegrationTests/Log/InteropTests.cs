using System.Diagnostics;
using EventFeatures.Testing.Log;
using EventFeatures.Testing.Specs;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.Log;

/// <summary>The official Node.js client, unchanged, against the log.</summary>
[Collection(LogServerCollection.Name)]
public sealed class InteropTests(LogServerFixture server)
{
    private static readonly TimeSpan InstallDeadline = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RunDeadline = TimeSpan.FromMinutes(2);
    private static readonly string Folder = Path.Combine(RepositoryFolder.Path, "tests", "interop");

    [Fact]
    public async Task The_official_node_client_appends_reads_filters_and_subscribes()
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules", "@eventstore", "db-client")))
            await RunAsync("npm", InstallDeadline, "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error");

        await RunAsync("node", RunDeadline, "--test", "--test-reporter=spec", "eventstore-client.test.js");
    }

    private async Task RunAsync(string program, TimeSpan deadline, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [LogServerFixture.ServerVariable] = server.ConnectionString },
        };
        using var process = Start(start);
        using var late = new CancellationTokenSource(deadline);
        var output = process.StandardOutput.ReadToEndAsync(late.Token);
        var errors = process.StandardError.ReadToEndAsync(late.Token);
        try
        {
            await process.WaitForExitAsync(late.Token);
            process.ExitCode.ShouldBe(0, $"{program} {string.Join(' ', arguments)}\n{await output}\n{await errors}");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
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
                $"'{start.FileName}' is not on this machine, so the official Node.js client cannot be tried. Install the Debian packages nodejs and npm; ops/test does so.", missing);
        }
    }
}
