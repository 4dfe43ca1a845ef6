using System.Diagnostics;
using System.Text.Json;
using EventFeatures.Testing.Databases;

namespace EventFeatures.IntegrationTests.Demos;

/// <summary>A demo as a user starts it: the command in a process of its own, on an empty database and folder.</summary>
internal static class DemoProcess
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(8);

    /// <summary>What it printed, by step; of a step that was stated twice, the last.</summary>
    public sealed record Result(int ExitCode, IReadOnlyDictionary<string, JsonElement> Steps, string Errors);

    public static async Task<Result> RunAsync(params IEnumerable<string> arguments)
    {
        await using var database = await TestDatabase.CreateAsync();
        var home = Directory.CreateTempSubdirectory("eventfeatures-demo-").FullName;
        try
        {
            var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var argument in new[] { Path.Combine(AppContext.BaseDirectory, "eventfeatures.dll"), "demo" }.Concat(arguments).Concat(["--home", home, "--json"]))
                start.ArgumentList.Add(argument);
            start.Environment[TestDatabase.ServerVariable] = database.ConnectionString;
            using var process = Process.Start(start)!;
            using var deadline = new CancellationTokenSource(Deadline);
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
                var errors = process.StandardError.ReadToEndAsync(deadline.Token);
                await process.WaitForExitAsync(deadline.Token);
                return new Result(process.ExitCode, Steps(await output), await errors);
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
