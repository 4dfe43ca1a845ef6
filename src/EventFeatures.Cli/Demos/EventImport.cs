using EventFeatures.Api.V1;
using EventFeatures.Cli.Connection;

namespace EventFeatures.Cli.Demos;

/// <summary>Appends simulated history over one streaming call, with a bound on what is not yet acknowledged.</summary>
internal sealed class EventImport(DemoRun run)
{
    private const int UnacknowledgedMax = 1_024;
    private const int TogetherMax = 64;

    /// <summary>What became of an import.</summary>
    /// <param name="Accepted">Events in their streams.</param>
    /// <param name="Quarantined">Events kept apart because they break their contract.</param>
    /// <param name="Position">The consistency token of all of it.</param>
    public sealed record Result(long Accepted, long Quarantined, ulong Position);

    public async Task<Result> AppendAsync(IReadOnlyList<SimulatedEvent> arrivals)
    {
        using var progress = run.Invocation.Progress("append");
        var result = new Result(0, 0, 0);
        using var flow = new AppendFlow<int>(run.Api.Events, run.LongCall, UnacknowledgedMax, (_, answer) =>
        {
            result = Add(result, answer);
            progress.Report(result.Accepted + result.Quarantined, arrivals.Count);
        }, TimeProvider.System);
        for (var next = 0; next < arrivals.Count;)
        {
            var request = Request(arrivals[next++]);
            request.Priority = AppendPriority.Bulk;
            // Neighbours of one stream travel together; between streams, the order of arrival is kept.
            while (next < arrivals.Count && arrivals[next].Stream == request.Stream && arrivals[next].EventId != arrivals[next - 1].EventId
                   && request.Events.Count < TogetherMax)
                request.Events.Add(Request(arrivals[next++]).Events);
            await flow.SendAsync(request, next).ConfigureAwait(false);
        }
        await flow.CompleteAsync().ConfigureAwait(false);
        return result.Accepted + result.Quarantined == arrivals.Count
            ? result
            : throw DemoRun.Refused("append-incomplete", $"Only {result.Accepted + result.Quarantined:N0} of {arrivals.Count:N0} events were acknowledged.");
    }

    /// <summary>One event as a request, stated as imported history.</summary>
    public static AppendRequest Request(SimulatedEvent arrival) => new()
    {
        Stream = arrival.Stream,
        Events =
        {
            new Event
            {
                EventId = arrival.EventId.ToString(),
                Type = arrival.Type,
                Data = Google.Protobuf.UnsafeByteOperations.UnsafeWrap(arrival.Data),
                RecordedAt = arrival.RecordedAt.ToString(),
            },
        },
    };

    private static Result Add(Result result, AppendAcknowledgement answer)
    {
        if (answer.ResultCase == AppendAcknowledgement.ResultOneofCase.Failed)
            throw DemoRun.Refused(answer.Failed.Code, $"Request {answer.Request} was not appended: {answer.Failed.Message}");
        var quarantined = answer.Appended.Events.Count(appended => appended.Verdict == AppendVerdict.Quarantined);
        return new Result(
            result.Accepted + answer.Appended.Events.Count - quarantined, result.Quarantined + quarantined, Math.Max(result.Position, answer.Appended.Position));
    }
}
