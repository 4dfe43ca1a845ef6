using System.Runtime.InteropServices;
using EventFeatures.Benchmarks;
using EventFeatures.Benchmarks.LargeLog;
using EventFeatures.Benchmarks.Limits;
using EventFeatures.Benchmarks.Scenarios;
using EventFeatures.Benchmarks.Soak;

if (args.Contains("--help"))
{
    Console.WriteLine(args is ["soak", ..] ? SoakOptions.Usage : BenchOptions.Usage);
    return 0;
}
var soak = args is ["soak", ..] ? SoakOptions.TryParse(args.AsSpan(1)) : null;
var views = args is ["soak", ..] ? ViewSoak.TryParse(args.AsSpan(1)) : null;
if (args is ["soak", ..] && soak is null && views is null)
{
    await Console.Error.WriteLineAsync(SoakOptions.Usage).ConfigureAwait(false);
    return 2;
}
var bench = args is ["bench", ..] ? BenchOptions.TryParse(args.AsSpan(1)) : null;
if (soak is null && views is null && bench is null)
{
    await Console.Error.WriteLineAsync(BenchOptions.Usage).ConfigureAwait(false);
    return 2;
}

var interrupted = new TaskCompletionSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
if (views is not null) return await ViewsAsync(views).ConfigureAwait(false);
if (soak is not null) return await SoakAsync(soak).ConfigureAwait(false);
if (bench is { Events: > 0 }) return await LargeLogAsync(bench).ConfigureAwait(false);
var scale = bench!.Quick ? BenchScale.Quick : BenchScale.Default;
await using var report = new Report(Console.Out, Console.Error, bench.Json);
await using var echo = await GrpcEcho.StartAsync().ConfigureAwait(false);
return await (bench.Log ? LogAsync() : bench.Features ? FeaturesAsync() : SystemAsync()).ConfigureAwait(false);

void Interrupt(PosixSignalContext signal)
{
    signal.Cancel = true;
    interrupted.TrySetResult();
}

async Task<int> SoakAsync(SoakOptions options)
{
    using var end = new CancellationTokenSource();
    _ = interrupted.Task.ContinueWith(_ => end.Cancel(), TaskScheduler.Default);
    using var progress = new SoakReport(Console.Out, Console.Error);
    var nothingLost = await new LogSoak(options, progress).RunAsync(end.Token).ConfigureAwait(false);
    return !nothingLost ? 1 : interrupted.Task.IsCompleted ? 130 : 0;
}

async Task<int> ViewsAsync(EventFeatures.Testing.Faults.Workers.WorkerPlan plan)
{
    using var end = new CancellationTokenSource();
    _ = interrupted.Task.ContinueWith(_ => end.Cancel(), TaskScheduler.Default);
    var equal = await ViewSoak.RunAsync(plan, Console.Out, Console.Error, end.Token).ConfigureAwait(false);
    return !equal ? 1 : interrupted.Task.IsCompleted ? 130 : 0;
}

async Task<int> LargeLogAsync(BenchOptions options)
{
    using var end = new CancellationTokenSource();
    _ = interrupted.Task.ContinueWith(_ => end.Cancel(), TaskScheduler.Default);
    try
    {
        var figures = new FigureReport(Console.Out, Console.Error, options.Json);
        await foreach (var figure in new LargeLogBench(options, figures.Progress).RunAsync(end.Token).ConfigureAwait(false)) figures.Add(figure);
        figures.End();
        return 0;
    }
    catch (OperationCanceledException) when (interrupted.Task.IsCompleted)
    {
        return 130;
    }
}

async Task<int> LogAsync()
{
    await using var log = await BenchLog.StartAsync().ConfigureAwait(false);
    return await ReportAsync(LogScenarios.RunAsync(log, echo, scale, Console.Error.WriteLine)).ConfigureAwait(false);
}

async Task<int> SystemAsync()
{
    await using var system = await BenchSystem.StartAsync().ConfigureAwait(false);
    await system.ApplyAsync(BenchDefinitions.Source).ConfigureAwait(false);
    var ingested = await ReportAsync(IngestScenario.RunAsync(system, echo, scale)).ConfigureAwait(false);
    return ingested != 0 ? ingested : await ReportAsync(ServingScenarios.RunAsync(system, echo, scale)).ConfigureAwait(false);
}

async Task<int> FeaturesAsync()
{
    await using var system = await BenchSystem.StartAsync().ConfigureAwait(false);
    return await ReportAsync(FeatureScenarios.RunAsync(system, echo, scale, bench.Only)).ConfigureAwait(false);
}

// Until interrupted: then what is under way is left to fail, and the caller takes down what it started.
async Task<int> ReportAsync(IAsyncEnumerable<Measurement> measurements)
{
    var enumerator = measurements.GetAsyncEnumerator();
    while (true)
    {
        var next = enumerator.MoveNextAsync().AsTask();
        if (await Task.WhenAny(next, interrupted.Task).ConfigureAwait(false) != next)
        {
            _ = next.ContinueWith(ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            return 130;
        }
        try
        {
            if (!await next.ConfigureAwait(false)) break;
        }
        catch (Exception failure)
        {
            await Console.Error.WriteLineAsync($"bench: {failure.Message} What was measured until then stands.").ConfigureAwait(false);
            return 1;
        }
        report.Add(enumerator.Current);
    }
    await enumerator.DisposeAsync().ConfigureAwait(false);
    return 0;
}
