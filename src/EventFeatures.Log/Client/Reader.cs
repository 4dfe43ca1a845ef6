using System.Runtime.CompilerServices;
using EventFeatures.Core.Events;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Log.Client;

/// <summary>Reads that end. A dropped one resumes after the last event that was delivered.</summary>
internal sealed class Reader(NodeSource nodes, TimeProvider time, Retries retries, ILogger logger)
{
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(60);

    // Nothing is heard while no event passes the filter, and a log of 100 million takes ten minutes or so to go through.
    private static readonly TimeSpan FilteredSilenceMax = TimeSpan.FromMinutes(30);

    public IAsyncEnumerable<RecordedEvent> StreamAsync(
        string stream, ReadDirection direction, long? fromRevision, long countMax, bool resolveLinks, CancellationToken cancellation)
    {
        var step = direction == ReadDirection.Forwards ? 1 : -1;
        return ResumeAsync($"read stream '{stream}'", stream, countMax, SilenceMax,
            (last, left) => last is { Revision: 0 } && step < 0
                ? null
                : ReadRequests.Stream(stream, direction, last is null ? fromRevision : last.Revision + step, left, resolveLinks), cancellation);
    }

    // Forwards, a position includes its event, so a resumed read gets the last one again.
    public IAsyncEnumerable<RecordedEvent> AllAsync(
        ReadDirection direction, Position from, EventFilter? filter, long countMax, CancellationToken cancellation) =>
        ResumeAsync("read $all", null, countMax, filter is null ? SilenceMax : FilteredSilenceMax,
            (last, left) => ReadRequests.All(
                direction, last?.Position ?? from, filter, last is not null && direction == ReadDirection.Forwards && left < long.MaxValue ? left + 1 : left), cancellation);

    private async IAsyncEnumerable<RecordedEvent> ResumeAsync(
        string operation, string? stream, long countMax, TimeSpan silenceMax,
        Func<RecordedEvent?, long, ReadReq?> ask, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(countMax);
        RecordedEvent? last = null;
        var left = countMax;
        for (var attempt = 1; left > 0; attempt++)
        {
            if (ask(last, left) is not { } request) yield break;
            // A cluster that elects its leader names none for as long.
            var channel = await retries.RunAsync($"To {operation}", async token => await nodes.GetAsync(token), cancellation);
            using var call = ReadAnswer.Call(channel, request, nodes.Headers(), cancellation);
            Exception? failure = null;
            while (left > 0)
            {
                byte[]? message = null;
                try
                {
                    message = await NextAsync(call.ResponseStream, silenceMax, cancellation);
                }
                catch (Exception dropped) when (dropped is not OperationCanceledException || !cancellation.IsCancellationRequested)
                {
                    failure = LogFailures.OfStream(operation, stream, call, dropped);
                }
                if (message is null) break;
                if (ReadAnswer.Of(message).Message is not LogMessage.Event { Recorded: var recorded }) continue;
                if (last is not null && recorded.Original().Position == last.Position) continue;
                last = recorded.Original();
                left--;
                attempt = 0;
                yield return recorded;
            }
            if (failure is null) yield break;
            if (!Retries.MayPass(failure)) throw failure;
            if (cancellation.IsCancellationRequested) throw Retries.Cancelled($"To {operation}", failure, cancellation);
            if (attempt == Retries.AttemptsMax) throw Retries.Unavailable($"To {operation}", attempt, failure);
            logger.Retrying(operation, attempt, failure.Message);
            nodes.Learn(channel, failure);
            await retries.PauseAsync($"To {operation}", Math.Max(1, attempt), failure, cancellation);
        }
    }

    private async ValueTask<byte[]?> NextAsync(IAsyncStreamReader<byte[]> messages, TimeSpan silenceMax, CancellationToken cancellation)
    {
        var next = messages.MoveNext(cancellation);
        var moved = next.IsCompleted ? await next : await next.WaitAsync(silenceMax, time, cancellation);
        return moved ? messages.Current : null;
    }
}
