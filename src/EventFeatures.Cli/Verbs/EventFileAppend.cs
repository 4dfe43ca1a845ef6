using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Cli.Files;
using Grpc.Core;

namespace EventFeatures.Cli.Verbs;

/// <summary>
/// Appends a file of events over one streaming call, with a bound on what is not yet answered, and says what became of
/// every one. Nothing is appended of a file with a line that is no event; of standard input, the lines before it are.
/// </summary>
internal sealed class EventFileAppend(string path)
{
    private const int UnansweredMax = 256;
    private const int ShownMax = 20;

    private readonly List<Kept> _kept = [];
    private long _appended;
    private ulong _position;

    /// <summary>An event that is not in its stream.</summary>
    private sealed record Kept(int Line, bool Quarantined, string Code, string Detail, string Stream, int ExitCode);

    private long Answered => _appended + _kept.Count;

    public static async Task<int> RunAsync(string path, Invocation invocation, CancellationToken cancellation)
    {
        var expected = 0;
        if (path != UserFile.StandardInput)
        {
            UserFile.RefusePipe(path, $"and a file of events is checked to its end before any is sent. Name a file, or give the events on standard input with --file {UserFile.StandardInput}, where those before a wrong line are sent.");
            await foreach (var _ in EventFile.ReadAsync(path, cancellation).ConfigureAwait(false)) expected++;
        }
        await using var api = await ApiSession.OpenAsync(invocation, cancellation).ConfigureAwait(false);
        var append = new EventFileAppend(path);
        using (var progress = invocation.Progress("append"))
            await append.SendAsync(api, invocation.Actor, done => progress.Report(done, Math.Max(expected, done)), cancellation).ConfigureAwait(false);
        await append.ReportAsync(invocation).ConfigureAwait(false);
        return append._kept.Select(kept => kept.ExitCode).DefaultIfEmpty(ExitCode.Done).Max();
    }

    private async Task SendAsync(ApiSession api, string producer, Action<long> answered, CancellationToken cancellation)
    {
        using var flow = new AppendFlow<int>(api.Events, new CallOptions(cancellationToken: cancellation), UnansweredMax, Take, TimeProvider.System);
        try
        {
            await foreach (var (line, request) in EventFile.ReadAsync(path, cancellation).ConfigureAwait(false))
            {
                request.Producer = producer;
                // Whoever has a file can wait for those whose events are happening now.
                request.Priority = AppendPriority.Bulk;
                await flow.SendAsync(request, line).ConfigureAwait(false);
                answered(Answered);
            }
            await flow.CompleteAsync().ConfigureAwait(false);
            answered(Answered);
        }
        catch (Exception error) when (error is UsageException or Application.FeatureViews.EvaluationInputException)
        {
            await flow.CompleteAsync().ConfigureAwait(false);
            throw new UsageException($"{error.Message} The {Answered:N0} events before it were sent, and {_appended:N0} of them are in their streams.", error);
        }
        catch (RpcException broken)
        {
            throw new RpcException(
                new Status(broken.StatusCode, $"{ErrorReport.CauseOf(broken)} Of {flow.Count:N0} events that were sent, {Answered:N0} were answered before that. Append the file again: events with an id are not counted twice."),
                broken.Trailers);
        }
    }

    private void Take(int line, AppendAcknowledgement answer)
    {
        if (answer.ResultCase == AppendAcknowledgement.ResultOneofCase.Failed)
        {
            _kept.Add(new Kept(line, false, answer.Failed.Code, answer.Failed.Message, "", ErrorReport.ExitCodeOf((StatusCode)answer.Failed.Status)));
            return;
        }
        _position = Math.Max(_position, answer.Appended.Position);
        foreach (var appended in answer.Appended.Events)
            if (appended.Verdict == AppendVerdict.Quarantined)
                _kept.Add(new Kept(line, true, appended.Code, appended.Detail, appended.Stream, ExitCode.Refused));
            else
                _appended++;
    }

    private async Task ReportAsync(Invocation invocation)
    {
        var quarantined = _kept.Count(kept => kept.Quarantined);
        var refused = _kept.Count - quarantined;
        var inOrder = _kept.OrderBy(kept => kept.Line).ToList();
        if (invocation.Json)
        {
            var notAppended = inOrder.Select(kept => new { line = kept.Line, verdict = kept.Quarantined ? "QUARANTINED" : "REFUSED", code = kept.Code, detail = kept.Detail, stream = kept.Stream });
            await invocation.Out.WriteLineAsync(JsonSerializer.Serialize(new { appended = _appended, quarantined, refused, position = _position, notAppended })).ConfigureAwait(false);
            return;
        }
        foreach (var kept in inOrder.Take(ShownMax))
            await invocation.Error.WriteLineAsync($"{path}:{kept.Line}: {(kept.Quarantined ? $"kept in {kept.Stream}" : "refused")}: {kept.Detail} [{kept.Code}]").ConfigureAwait(false);
        if (inOrder.Count > ShownMax) await invocation.Error.WriteLineAsync($"and {inOrder.Count - ShownMax:N0} more; --json lists all").ConfigureAwait(false);
        await invocation.Out.WriteLineAsync($"appended {_appended:N0}, quarantined {quarantined:N0}, refused {refused:N0}; position {_position}").ConfigureAwait(false);
        if (inOrder.Count > 0) await invocation.Error.WriteLineAsync("Mend those lines, and append them alone; the others are in the log.").ConfigureAwait(false);
    }
}
