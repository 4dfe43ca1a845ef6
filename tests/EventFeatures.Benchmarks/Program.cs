using EventFeatures.Benchmarks;
using EventFeatures.Benchmarks.Limits;
using EventFeatures.Benchmarks.Scenarios;

if (args is not ["bench", ..] || args.Skip(1).Except(["--json", "--quick"]).Any())
{
    await Console.Error.WriteLineAsync("Usage: eventfeatures bench [--quick] [--json]\nPrints rates beside raw limits measured in the same run, with their ratios.").ConfigureAwait(false);
    return args.Contains("--help") ? 0 : 2;
}

var scale = args.Contains("--quick") ? BenchScale.Quick : BenchScale.Default;
await using var report = new Report(Console.Out, Console.Error, args.Contains("--json"));
await using var echo = await GrpcEcho.StartAsync().ConfigureAwait(false);
await using var system = await BenchSystem.StartAsync().ConfigureAwait(false);
await system.ApplyAsync(BenchDefinitions.Source).ConfigureAwait(false);
await foreach (var measurement in IngestScenario.RunAsync(system, echo, scale).ConfigureAwait(false)) report.Add(measurement);
await foreach (var measurement in ServingScenarios.RunAsync(system, echo, scale).ConfigureAwait(false)) report.Add(measurement);
return 0;
