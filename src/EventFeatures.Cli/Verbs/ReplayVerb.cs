using System.CommandLine;
using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Output;
using Grpc.Core;

namespace EventFeatures.Cli.Verbs;

/// <summary><c>replay</c>: reproduces predictions from the log.</summary>
internal static class ReplayVerb
{
    private const int ShownMax = 20;

    public static Command Create()
    {
        var predictions = new Option<string[]>("--prediction") { Description = "A prediction's id; may be given again.", HelpName = "ID" };
        var all = new Option<bool>("--all") { Description = "Every prediction in the log." };
        var model = new Option<string?>("--model") { Description = "With --all: only this model's.", HelpName = "NAME" };
        return new Command("replay", "Derive predictions again from the log, and compare them bit for bit.") { predictions, all, model }
            .Does(async (invocation, cancellation) =>
            {
                var ids = invocation.Get(predictions) ?? [];
                if (ids.Length > 0 == invocation.Get(all)) throw new UsageException("Name predictions with --prediction ID, or replay every one with --all.");
                if (ids.Length > 0 && invocation.Get(model) is not null) throw new UsageException("--model chooses among all predictions; with --prediction leave it out.");
                await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
                // A model that nobody declared has no predictions either, which would read like success.
                if (invocation.Get(model) is { } name)
                    await api.Registry.GetAsync(new GetDefinitionRequest { Kind = "Model", Name = name }, cancellationToken: cancellation).ConfigureAwait(false);
                var summary = await RunAsync(api, new ReplayRequest { PredictionIds = { ids }, Model = invocation.Get(model) ?? "" }, invocation, cancellation)
                    .ConfigureAwait(false);
                invocation.Print(summary, (writer, counts) => writer.WriteLine(Sentence(counts)));
                return summary.Reproduced == summary.Total ? ExitCode.Done : ExitCode.Refused;
            });
    }

    /// <summary>Replays, shows progress and whatever was not reproduced, and returns the counts.</summary>
    public static async Task<ReplaySummary> RunAsync(ApiSession api, ReplayRequest request, Invocation invocation, CancellationToken cancellation)
    {
        using var call = api.Audit.Replay(request, cancellationToken: cancellation);
        using var progress = invocation.Progress("replay");
        ReplaySummary? summary = null;
        var shown = 0;
        await foreach (var answer in call.ResponseStream.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            switch (answer.ReportCase)
            {
                case ReplayResponse.ReportOneofCase.Progress:
                    progress.Report(answer.Progress.Done, answer.Progress.Total);
                    break;
                case ReplayResponse.ReportOneofCase.Result when invocation.Json:
                    if (answer.Result.Verdict != "reproduced" || request.PredictionIds.Count > 0) invocation.Print(answer.Result, (_, _) => { });
                    break;
                case ReplayResponse.ReportOneofCase.Result when (answer.Result.Verdict != "reproduced" || request.PredictionIds.Count > 0) && shown++ < ShownMax:
                    await invocation.Error.WriteLineAsync(Describe(answer.Result)).ConfigureAwait(false);
                    break;
                case ReplayResponse.ReportOneofCase.Summary:
                    summary = answer.Summary;
                    break;
            }
        }
        return summary ?? throw new RpcException(new Status(StatusCode.Unavailable, "The replay ended without a summary. Run it again."));
    }

    public static string Sentence(ReplaySummary counts)
    {
        if (counts.Total == 0) return "There is no prediction to replay yet.";
        var sentence = string.Create(CultureInfo.InvariantCulture, $"replay {counts.Reproduced:N0} of {counts.Total:N0} reproduced bit for bit");
        if (counts.Diverged > 0) sentence += string.Create(CultureInfo.InvariantCulture, $", {counts.Diverged:N0} diverged");
        if (counts.Unreproducible > 0) sentence += string.Create(CultureInfo.InvariantCulture, $", {counts.Unreproducible:N0} unreproducible");
        if (counts.NotComparable > 0) sentence += string.Create(CultureInfo.InvariantCulture, $", {counts.NotComparable:N0} not comparable");
        return sentence;
    }

    private static string Describe(ReplayResult result)
    {
        var lines = new List<string> { $"{result.PredictionId}  {result.Verdict}  {result.Detail}".TrimEnd() };
        lines.AddRange(result.Divergences.Select(divergence =>
            $"  {divergence.Name}: recorded {ValueText.Write(divergence.Recorded)}, replayed {ValueText.Write(divergence.Replayed)}" +
            (divergence.HasUlps ? string.Create(CultureInfo.InvariantCulture, $" ({divergence.Ulps} units in the last place)") : "")));
        return string.Join(Environment.NewLine, lines);
    }
}
