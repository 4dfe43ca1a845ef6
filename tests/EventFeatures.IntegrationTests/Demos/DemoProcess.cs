using System.Diagnostics;
using System.Text.Json;
using EventFeatures.Testing.Databases;

namespace EventFeatures.IntegrationTests.Demos;

/// <summary>A demo as a user starts it: the command in a process of its own, on an empty database and folder.</summary>
internal static class DemoProcess
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(8);

    /// <summary>What it printed, by step; of a step that was stated twice, the last; and what it left in the account's own folder.</summary>
    public sealed record Result(int ExitCode, IReadOnlyDictionary<string, JsonElement> Steps, string Errors, IReadOnlyList<string> LeftInAccount);

    public static async Task<Result> RunAsync(params IEnumerable<string> arguments)
    {
        await using var database = await TestDatabase.CreateAsync();
        var home = Directory.CreateTempSubdirectory("eventfeatures-demo-").FullName;
        var account = Directory.CreateTempSubdirectory("eventfeatures-account-").FullName;
        try
        {
            var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var argument in new[] { Path.Combine(AppContext.BaseDirectory, "eventfeatures.dll"), "demo" }.Concat(arguments).Concat(["--home", home, "--json"]))
                start.ArgumentList.Add(argument);
            start.Environment[TestDatabase.ServerVariable] = database.ConnectionString;
            start.Environment["HOME"] = account;
            foreach (var variable in (string[])["XDG_CACHE_HOME", "ORT_DISABLE_TELEMETRY"]) start.Environment.Remove(variable);
            using var process = Process.Start(start)!;
            using var deadline = new CancellationTokenSource(Deadline);
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
                var errors = process.StandardError.ReadToEndAsync(deadline.Token);
                await process.WaitForExitAsync(deadline.Token);
                return new Result(process.ExitCode, Steps(await output), await errors, [.. Directory.EnumerateFileSystemEntries(account, "*", SearchOption.AllDirectories)]);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"The demo did not end within {Deadline.TotalMinutes:0} minutes.");
            }
        }
        finally
        {
            Directory.Delete(home, recursive: true);
            Directory.Delete(account, recursive: true);
        }
    }

    private static Dictionary<string, JsonElement> Steps(string output)
    {
        var steps = new Dictionary<string, JsonElement>();
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var document = JsonElement.Parse(line);
            steps[document.GetProperty("step").GetString()!] = document;
        }
        return steps;
    }
}
