using System.Diagnostics;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using Grpc.Core;

namespace EventFeatures.Cli.Demos;

/// <summary>The steps that demos share, over the API that any client uses.</summary>
internal sealed class DemoRun(ApiSession api, Invocation invocation, string home, CancellationToken cancellation)
{
    private static readonly TimeSpan CaughtUpMax = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CallMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongCallMax = TimeSpan.FromMinutes(20);

    public ApiSession Api => api;

    public Invocation Invocation => invocation;

    /// <summary>Where the demo's data is; it stays there for a look afterwards.</summary>
    public string Home => home;

    public CancellationToken Cancellation => cancellation;

    public Transcript Transcript { get; } = new(invocation);

    /// <summary>Runs a demo on a server in this process, on an empty folder of its own.</summary>
    /// <returns>The exit code: done only if every promise was kept.</returns>
    public static async Task<int> InOwnHomeAsync(Invocation invocation, string demo, CancellationToken cancellation, Func<DemoRun, Task<bool>> work)
    {
        if (invocation.Server is not null)
            throw new UsageException("A demo starts a server of its own on an empty folder. Leave --server out; --home says where.");
        var home = DemoHome.Empty(invocation.Home, demo);
        await invocation.Error.WriteLineAsync($"Starting on {home}").ConfigureAwait(false);
        await using var server = await LocalServer.StartAsync(home, 0, 0, cancellation).ConfigureAwait(false);
        await using var api = ApiSession.To(server.Host.ApiAddress);
        var run = new DemoRun(api, invocation, home, cancellation);
        if ((await api.Registry.ListAsync(new ListDefinitionsRequest(), run.Call).ConfigureAwait(false)).Definitions.Count > 0)
            throw new UsageException("The log holds definitions already, but a demo needs an empty one. Leave EVENTFEATURES_POSTGRES and EVENTFEATURES_LOG out, or point them at an empty database and log.");
        return await work(run).ConfigureAwait(false) ? ExitCode.Done : ExitCode.Refused;
    }

    /// <summary>For calls that should take milliseconds.</summary>
    public CallOptions Call => new(deadline: DeadlineIn(CallMax), cancellationToken: cancellation);

    /// <summary>For calls that work through much.</summary>
    public CallOptions LongCall => new(deadline: DeadlineIn(LongCallMax), cancellationToken: cancellation);

    /// <summary>Applies the demo's own definitions, which are beside the program.</summary>
    public async Task ApplyDefinitionsAsync(string demo)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "demo", demo);
        var request = new ApplyRequest { Reason = $"demo {demo}", Actor = invocation.Actor };
        foreach (var path in Directory.GetFiles(folder, "*.yaml").Order(StringComparer.Ordinal))
            request.Files.Add(new DefinitionFile { Path = Path.GetFileName(path), Content = await File.ReadAllTextAsync(path, cancellation).ConfigureAwait(false) });
        await api.Registry.ApplyAsync(request, Call).ConfigureAwait(false);
    }

    /// <summary>Waits until every view has applied everything up to a position.</summary>
    public async Task<GetStatusResponse> CaughtUpAsync(ulong position)
    {
        using var progress = invocation.Progress("views");
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var status = await api.Features.GetStatusAsync(new GetStatusRequest(), Call).ConfigureAwait(false);
            if (status.Views.FirstOrDefault(view => view.Fault.Length > 0) is { } stopped)
                throw Refused("view-stopped", $"View {stopped.View} stopped: {stopped.Fault}");
            if (status.Views.All(view => view.Gap == 0 && view.HasCheckpoint && view.Checkpoint >= position)) return status;
            if (waited.Elapsed > CaughtUpMax)
                throw Refused("views-behind", $"After {CaughtUpMax.TotalMinutes:0} minutes the views have not caught up with position {position}: "
                    + string.Join(", ", status.Views.Select(view => $"{view.View} at {view.Checkpoint}, gap {view.Gap}")) + ".");
            progress.Report(status.Views.Sum(view => view.Events), status.Views.Sum(view => view.Events + view.Gap));
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>States how far the views are, and how many events came too late for them.</summary>
    public void SayViews(GetStatusResponse status)
    {
        var gap = status.Views.Sum(view => view.Gap);
        var quarantined = status.Views.Sum(view => view.Quarantined);
        Transcript.Say("views", $"{status.Views.Count} caught up", quarantined == 0 ? $"gap {gap}" : $"gap {gap}; {quarantined:N0} too late, kept in quarantine",
            ("views", status.Views.Count), ("gap", gap), ("events", status.Views.Sum(view => view.Events)), ("quarantined", quarantined));
    }

    /// <summary>What holds the log.</summary>
    public static string LogKind =>
        Environment.GetEnvironmentVariable("EVENTFEATURES_LOG") is { Length: > 0 } ? "EventStoreDB" : "embedded node";

    /// <summary>Replays every prediction of a model from the log and says how many gave the same bits.</summary>
    /// <returns>Whether all did.</returns>
    public async Task<bool> ReplayAllAsync(string model)
    {
        using var progress = invocation.Progress("replay");
        using var call = api.Audit.Replay(new ReplayRequest { Model = model }, LongCall);
        ReplaySummary? summary = null;
        var shown = 0;
        await foreach (var report in call.ResponseStream.ReadAllAsync(cancellation).ConfigureAwait(false))
            switch (report.ReportCase)
            {
                case ReplayResponse.ReportOneofCase.Progress:
                    progress.Report(report.Progress.Done, report.Progress.Total);
                    break;
                case ReplayResponse.ReportOneofCase.Result when report.Result.Verdict != "reproduced" && shown++ < 5:
                    await invocation.Error.WriteLineAsync($"{report.Result.PredictionId}: {report.Result.Verdict}: {report.Result.Detail}").ConfigureAwait(false);
                    break;
                case ReplayResponse.ReportOneofCase.Summary:
                    summary = report.Summary;
                    break;
            }
        progress.Dispose();
        if (summary is null) throw Refused("replay-incomplete", "The replay ended without a summary.");
        var all = summary.Reproduced == summary.Total;
        Transcript.Say("replay", $"{summary.Reproduced:N0} of {summary.Total:N0} reproduced",
            all ? "bit for bit" : $"{summary.Diverged:N0} diverged, {summary.Unreproducible:N0} unreproducible, {summary.NotComparable:N0} not comparable",
            ("total", summary.Total), ("reproduced", summary.Reproduced), ("diverged", summary.Diverged),
            ("unreproducible", summary.Unreproducible), ("notComparable", summary.NotComparable));
        return all;
    }

    public static Core.Decisions.RefusedException Refused(string code, string detail) =>
        Core.Decisions.Decision.Rejected(code, detail, "Run the demo again; if it happens twice, report it with this message.");

    private static DateTime DeadlineIn(TimeSpan span) => TimeProvider.System.GetUtcNow().UtcDateTime + span;
}
