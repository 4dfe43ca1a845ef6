using EventFeatures.Application.Pipeline;
using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.Time;
using MediatR;

namespace EventFeatures.Application.Events;

/// <summary>Appends what the contracts let pass, stream by stream, many streams at once.</summary>
internal sealed class AppendEventsHandler(IRegistry registry, IEventLog log, RecognisedRetries retries, TimeProvider clock)
    : IRequestHandler<AppendEvents, AppendAnswer>
{
    /// <summary>How many streams are appended to at once; the log commits what arrives together in one go.</summary>
    private const int StreamsAtOnce = 64;

    public async Task<AppendAnswer> Handle(AppendEvents request, CancellationToken cancellationToken)
    {
        var items = new AppendChecks(registry.Current, request, Instant.FromDateTimeOffset(clock.GetUtcNow())).CheckAll();
        var outcomes = new AppendOutcome[items.Count];
        foreach (var item in items.Where(item => item.Data is null))
            outcomes[item.Index] = new AppendOutcome(AppendVerdict.Rejected, item.EventId, request.Items[item.Index].Stream, null, null, item.Code, item.Detail);
        var streams = items.Where(item => item.Data is not null).GroupBy(item => item.Stream, StringComparer.Ordinal).Select(group => group.ToList()).ToList();
        if (streams is [var only]) await AppendStreamAsync(only, outcomes, cancellationToken);
        else
            await Parallel.ForEachAsync(
                streams, new ParallelOptions { MaxDegreeOfParallelism = StreamsAtOnce, CancellationToken = cancellationToken },
                async (stream, token) => await AppendStreamAsync(stream, outcomes, token));
        foreach (var verdict in outcomes.CountBy(outcome => outcome.Verdict))
            ApplicationTelemetry.EventsAppended.Add(verdict.Value, new KeyValuePair<string, object?>("verdict", verdict.Key.ToString().ToLowerInvariant()));
        return new AppendAnswer(outcomes, outcomes.Max(outcome => outcome.Position));
    }

    private async Task AppendStreamAsync(List<CheckedItem> items, AppendOutcome[] outcomes, CancellationToken cancellation)
    {
        CheckedItem? refused = null;
        foreach (var run in Runs(items))
        {
            if (refused is null) refused = await AppendRunAsync(run, outcomes, cancellation);
            else RejectAfter(refused, run, outcomes);
        }
    }

    /// <summary>Items that can go in together: only the first states an expectation, and no event id is there twice.</summary>
    private static IEnumerable<List<CheckedItem>> Runs(List<CheckedItem> items)
    {
        var run = new List<CheckedItem>();
        var ids = new HashSet<Guid>();
        foreach (var item in items)
        {
            if (run.Count > 0 && (item.Expected != StreamState.Any || ids.Contains(item.Data!.EventId)))
            {
                yield return run;
                run = [];
                ids.Clear();
            }
            run.Add(item);
            ids.Add(item.Data!.EventId);
        }
        yield return run;
    }

    /// <summary>Appends items together; returns the first that was refused, if any.</summary>
    private async Task<CheckedItem?> AppendRunAsync(List<CheckedItem> run, AppendOutcome[] outcomes, CancellationToken cancellation)
    {
        try
        {
            var mayBeScattered = run.Count > 1 && (run[0].Expected == StreamState.Any || run[0].Expected == StreamState.StreamExists);
            var seen = mayBeScattered ? await retries.SeenAsync(cancellation) : Position.Start;
            var appended = await log.AppendToStreamAsync(run[0].Stream, run[0].Expected, [.. run.Select(item => item.Data!)], cancellation);
            retries.Note(appended.Position);
            if (mayBeScattered && appended.Position <= seen && !await retries.LieInARowAsync(run[0].Stream, [.. run.Select(item => item.Data!.EventId)], appended, cancellation))
                return await AppendEachAsync(run, outcomes, cancellation);
            for (var i = 0; i < run.Count; i++)
                outcomes[run[i].Index] = new AppendOutcome(
                    run[i].Verdict, run[i].EventId, run[i].Stream, appended.NextExpectedRevision - (run.Count - 1 - i), appended.Position, run[i].Code, run[i].Detail);
            return null;
        }
        catch (WrongExpectedVersionException) when (run.Count > 1 && run[0].Expected == StreamState.Any)
        {
            // Some of these are in the stream already and some are not: a retry that was cut differently.
            return await AppendEachAsync(run, outcomes, cancellation);
        }
        catch (WrongExpectedVersionException conflict)
        {
            foreach (var item in run) outcomes[item.Index] = Rejected(item, "wrong-expected-revision", conflict.Message);
            return run[0];
        }
        catch (StreamDeletedException deleted)
        {
            foreach (var item in run) outcomes[item.Index] = Rejected(item, "stream-deleted", deleted.Message);
            return run[0];
        }
        catch (AppendTooLargeException) when (run is [{ Verdict: AppendVerdict.Quarantined } kept])
        {
            outcomes[kept.Index] = Rejected(kept, "append-too-large", $"{kept.Detail} The event is too large to be kept aside in '{kept.Stream}'. Correct it and send it again.");
            return kept;
        }
        catch (AppendTooLargeException large)
        {
            foreach (var item in run) outcomes[item.Index] = Rejected(item, "append-too-large", large.Message);
            return run[0];
        }
    }

    /// <summary>Appends items one by one, so that each is appended, or recognised at its own place.</summary>
    private async Task<CheckedItem?> AppendEachAsync(List<CheckedItem> run, AppendOutcome[] outcomes, CancellationToken cancellation)
    {
        for (var i = 0; i < run.Count; i++)
        {
            if (await AppendRunAsync([run[i]], outcomes, cancellation) is not { } refused) continue;
            RejectAfter(refused, run[(i + 1)..], outcomes);
            return refused;
        }
        return null;
    }

    private static void RejectAfter(CheckedItem refused, List<CheckedItem> later, AppendOutcome[] outcomes)
    {
        foreach (var item in later)
            outcomes[item.Index] = Rejected(item, "earlier-item-rejected", $"Item {refused.Index} of the same stream was refused. Put that right and send both again.");
    }

    private static AppendOutcome Rejected(CheckedItem item, string code, string detail) =>
        new(AppendVerdict.Rejected, item.EventId, item.Stream, null, null, code, detail);
}
