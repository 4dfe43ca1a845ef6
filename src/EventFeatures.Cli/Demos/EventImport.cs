using EventFeatures.Api.V1;
using Grpc.Core;

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
        using var call = run.Api.Events.AppendStream(run.LongCall);
        using var room = new SemaphoreSlim(UnacknowledgedMax);
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(run.Cancellation);
        var answers = ReadAsync(call.ResponseStream, room, arrivals.Count, progress.Report, broken);
        try
        {
            for (var next = 0; next < arrivals.Count;)
            {
                var request = Request(arrivals[next++]);
                // Neighbours of one stream travel together; between streams, the order of arrival is kept.
                while (next < arrivals.Count && arrivals[next].Stream == request.Stream && arrivals[next].EventId != arrivals[next - 1].EventId
                       && request.Events.Count < TogetherMax)
                    request.Events.Add(Request(arrivals[next++]).Events);
                await room.WaitAsync(broken.Token).ConfigureAwait(false);
                await call.RequestStream.WriteAsync(request, broken.Token).ConfigureAwait(false);
            }
            await call.RequestStream.CompleteAsync().ConfigureAwait(false);
        }
        catch when (!run.Cancellation.IsCancellationRequested)
        {
            // What broke the call is told to its reader, which throws it here; the writer only sees that it is broken.
            await answers.ConfigureAwait(false);
            throw;
        }
        return await answers.ConfigureAwait(false);
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

    private static async Task<Result> ReadAsync(
        IAsyncStreamReader<AppendAcknowledgement> stream, SemaphoreSlim room, int expected, Action<long, long, string> report, CancellationTokenSource broken)
    {
        try
        {
            long accepted = 0, quarantined = 0, answered = 0;
            ulong position = 0;
            await foreach (var answer in stream.ReadAllAsync(broken.Token).ConfigureAwait(false))
            {
                if (answer.ResultCase == AppendAcknowledgement.ResultOneofCase.Failed)
                    throw DemoRun.Refused(answer.Failed.Code, $"Request {answer.Request} was not appended: {answer.Failed.Message}");
                foreach (var appended in answer.Appended.Events)
                    if (appended.Verdict == AppendVerdict.Quarantined) quarantined++;
                    else accepted++;
                position = Math.Max(position, answer.Appended.Position);
                room.Release();
                answered += answer.Appended.Events.Count;
                report(answered, expected, "");
            }
            return answered == expected
                ? new Result(accepted, quarantined, position)
                : throw DemoRun.Refused("append-incomplete", $"Only {answered:N0} of {expected:N0} events were acknowledged.");
        }
        catch
        {
            await broken.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }
}
