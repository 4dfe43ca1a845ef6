using System.CommandLine;
using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Output;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>consistency</c>: whether what was served is what the batch views give.</summary>
internal static class ConsistencyVerb
{
    public static Command Create() => new("consistency", "Compare what is served with the batch views.") { Check(), Status() };

    private static Command Check()
    {
        var service = new Option<string>("--service") { Description = "The feature service, for example fraud@v1; without a version the predictions of all its versions.", HelpName = "NAME", Required = true };
        var from = new Option<string?>("--from") { Description = "The period's begin: of predictions' times and of event times. Default: without bound.", HelpName = "TIME" };
        var to = new Option<string?>("--to") { Description = "The period's end, included. Default: without bound.", HelpName = "TIME" };
        return new Command("check", "Compare every served vector, and what the online views answer now, with the batch path, bit for bit. Exit code 1 if anything differs.") { service, from, to }
            .Does(async (invocation, cancellation) =>
            {
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                var request = new CheckConsistencyRequest { Service = invocation.Get(service), From = invocation.Get(from) ?? "", To = invocation.Get(to) ?? "" };
                var report = await RunAsync(api, request, invocation, cancellation).ConfigureAwait(false);
                invocation.Print(report, (writer, found) => Print(writer, found, invocation));
                return report.Mismatches.Count == 0 ? ExitCode.Done : ExitCode.Refused;
            });
    }

    private static Command Status() =>
        new Command("status", "Show how far the server has compared in the background, and what differs. Exit code 1 if anything does.")
            .Does(async (invocation, cancellation) =>
            {
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                var answer = await api.Features.GetStatusAsync(new GetStatusRequest(), cancellationToken: cancellation).ConfigureAwait(false);
                var status = answer.Consistency ?? new ConsistencyStatus();
                invocation.Print(status, (writer, found) => Print(writer, found, invocation));
                return status.Fault.Length > 0 ? ExitCode.DependencyDown : status.Mismatches.Count == 0 ? ExitCode.Done : ExitCode.Refused;
            });

    /// <summary>One line for those who look at everything.</summary>
    internal static string Summary(ConsistencyStatus status) => status.Fault.Length > 0 ? status.Fault : string.Create(CultureInfo.InvariantCulture,
        $"compared with the batch views in the background: predictions up to position {status.Position} (gap {status.Gap:N0}), online vectors {status.Passes:N0} times; {status.ServedValues + status.OnlineValues:N0} values, {status.ServedDiffering + status.OnlineDiffering:N0} differ");

    private static void Print(TextWriter writer, ConsistencyStatus status, Invocation invocation)
    {
        if (status.Fault.Length > 0)
        {
            writer.WriteLine(status.Fault);
            return;
        }
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"served    predictions up to position {status.Position}, gap {status.Gap:N0}: {status.ServedVectors:N0} vectors, {status.ServedValues:N0} values, {status.ServedDiffering:N0} differ"));
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"online    {status.Passes:N0} passes over all entities{(status.PassEndedAt.Length > 0 ? $", the last ended {status.PassEndedAt}" : "")}: {status.OnlineVectors:N0} vectors, {status.OnlineValues:N0} values, {status.OnlineDiffering:N0} differ"));
        writer.WriteLine(status.Worker.Length > 0 ? $"worker    {status.Worker}" : "worker    none; start one without --no-consistency-check");
        foreach (var mismatch in status.Mismatches)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"differs   {mismatch.Feature} ({mismatch.Path}) {mismatch.Count:N0} times, newest: {mismatch.Example}"));
        if (status.Mismatches.Count > 0) writer.WriteLine($"next: {invocation.Next("consistency check")} --service NAME");
    }

    private static async Task<ConsistencyReport> RunAsync(ApiSession api, CheckConsistencyRequest request, Invocation invocation, CancellationToken cancellation)
    {
        using var progress = invocation.Progress("served");
        return await api.Audit.CheckConsistency(request, cancellationToken: cancellation).ResultAsync(
            answer =>
            {
                if (answer.Progress is { } now) progress.Report(now.Path, now.Vectors, 0);
                return answer.Result;
            }, "", cancellation).ConfigureAwait(false);
    }

    private static void Print(TextWriter writer, ConsistencyReport report, Invocation invocation)
    {
        writer.WriteLine(Sentence("served", report.Served));
        writer.WriteLine(Sentence("online", report.Online));
        foreach (var mismatch in report.Mismatches)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"differs   {mismatch.Feature} ({mismatch.Path}) {mismatch.Count:N0} times, first: {mismatch.Example}"));
        if (report.WithoutFeatures > 0) writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"without   {report.WithoutFeatures:N0} predictions fell back before any feature was read"));
        foreach (var (code, count) in report.NotComparable.OrderBy(gone => gone.Key, StringComparer.Ordinal))
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"gone      {count:N0} predictions cannot be compared: {code}"));
        if (report.Mismatches.Count > 0) writer.WriteLine($"next: {invocation.Next("replay")} --all");
    }

    private static string Sentence(string path, ConsistencyCounts counts) => string.Create(
        CultureInfo.InvariantCulture, $"{path,-8}  {counts.Vectors:N0} vectors, {counts.Values:N0} values compared with the batch path, {counts.Differing:N0} differ");
}
