using System.Globalization;
using System.Runtime.CompilerServices;
using EventFeatures.Core.Events;
using EventFeatures.Log.Protocol.Streaming;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Log.Client;

/// <summary>
/// Catch-up subscriptions that survive drops: of the connection, of the server, and of the server's patience with a
/// slow consumer. Each resubscribes after the last place that it has seen.
/// </summary>
internal sealed class Subscriber(NodeSource nodes, Retries retries, ILogger logger)
{
    /// <summary>Follows the whole log.</summary>
    public IAsyncEnumerable<LogMessage> ToAllAsync(Position? after, EventFilter? filter, CancellationToken cancellation)
    {
        (ulong Commit, ulong Prepare)? seen = after is { } position ? (position.Value, position.Value) : null;
        return RunAsync(
            "subscribe to $all", null, () => ReadRequests.Subscribe(seen, filter),
            answer =>
            {
                if (answer.Message is LogMessage.Checkpoint { Position: var looked }) seen = (looked.Value, answer.Prepare);
                else if (answer.Message is LogMessage.Event { Recorded: var recorded }) seen = (recorded.Original().Position.Value, recorded.Original().Position.Value);
                return answer.Message;
            },
            () => seen?.Commit.ToString(CultureInfo.InvariantCulture) ?? "none", cancellation);
    }

    /// <summary>Follows one stream.</summary>
    public IAsyncEnumerable<LogMessage> ToStreamAsync(string stream, long? after, bool resolveLinks, CancellationToken cancellation)
    {
        var seen = after;
        return RunAsync(
            $"subscribe to '{stream}'", stream, () => ReadRequests.SubscribeToStream(stream, seen, resolveLinks),
            answer =>
            {
                if (answer.Message is LogMessage.Event { Recorded: var recorded }) seen = recorded.Original().Revision;
                // Of a stream there are no checkpoints.
                return answer.Message is LogMessage.Checkpoint ? null : answer.Message;
            },
            () => seen?.ToString(CultureInfo.InvariantCulture) ?? "none", cancellation);
    }

    private async IAsyncEnumerable<LogMessage> RunAsync(
        string operation, string? stream, Func<ReadReq> request, Func<ReadAnswer, LogMessage?> read, Func<string> seen,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            // A cluster that elects its leader names none for as long.
            var channel = await retries.RunAsync($"To {operation}", async token => await nodes.GetAsync(token), cancellation);
            using var call = ReadAnswer.Call(channel, request(), nodes.Headers(), cancellation);
            Exception? failure = null;
            while (true)
            {
                byte[]? message = null;
                try
                {
                    if (await call.ResponseStream.MoveNext(cancellation)) message = call.ResponseStream.Current;
                    else failure = new IOException("The log ended the subscription.");
                }
                catch (Exception dropped) when (dropped is not OperationCanceledException || !cancellation.IsCancellationRequested)
                {
                    failure = LogFailures.OfStream(operation, stream, call, dropped);
                }
                if (message is null) break;
                if (read(ReadAnswer.Of(message)) is not { } delivered) continue;
                attempt = 0;
                yield return delivered;
            }
            if (!Retries.MayPass(failure!)) throw failure!;
            if (cancellation.IsCancellationRequested) throw Retries.Cancelled($"To {operation}", failure!, cancellation);
            if (attempt == Retries.AttemptsMax) throw Retries.Unavailable($"To {operation}", attempt, failure!);
            logger.SubscriptionDropped(seen(), attempt, failure!.Message);
            nodes.Learn(channel, failure!);
            await retries.PauseAsync($"To {operation}", Math.Max(1, attempt), failure!, cancellation);
        }
    }
}
