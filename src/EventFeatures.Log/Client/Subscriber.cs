using System.Runtime.CompilerServices;
using EventFeatures.Core.Events;
using EventFeatures.Log.Protocol.Streaming;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Log.Client;

/// <summary>
/// Catch-up subscriptions to the whole log that survive drops: of the connection, of the server, and of the
/// server's patience with a slow consumer. Each resubscribes after the last position it has seen.
/// </summary>
internal sealed class Subscriber(NodeSource nodes, Retries retries, ILogger logger)
{
    private const string Operation = "subscribe to $all";

    public async IAsyncEnumerable<LogMessage> RunAsync(
        Position? after, EventFilter? filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        (ulong Commit, ulong Prepare)? seen = after is { } position ? (position.Value, position.Value) : null;
        for (var attempt = 1; ; attempt++)
        {
            var channel = await nodes.GetAsync(cancellation);
            using var call = new Streams.StreamsClient(channel).Read(
                ReadRequests.Subscribe(seen, filter), nodes.Headers(), cancellationToken: cancellation);
            Exception? failure = null;
            while (true)
            {
                ReadResp? message = null;
                try
                {
                    if (await call.ResponseStream.MoveNext(cancellation)) message = call.ResponseStream.Current;
                    else failure = new IOException("The log ended the subscription.");
                }
                catch (Exception dropped) when (!cancellation.IsCancellationRequested)
                {
                    failure = LogFailures.OfStream(Operation, null, call, dropped);
                }
                if (message is null) break;
                if (Read(message, ref seen) is not { } delivered) continue;
                attempt = 0;
                yield return delivered;
            }
            if (!Retries.MayPass(failure!)) throw failure!;
            if (attempt == Retries.AttemptsMax) throw Retries.Unavailable($"To {Operation}", attempt, failure!);
            logger.SubscriptionDropped(seen?.Commit.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none", attempt, failure!.Message);
            await nodes.LearnAsync(channel, failure!, cancellation);
            await retries.PauseAsync(Math.Max(1, attempt), failure!, cancellation);
        }
    }

    private static LogMessage? Read(ReadResp message, ref (ulong Commit, ulong Prepare)? seen)
    {
        switch (message.ContentCase)
        {
            case ReadResp.ContentOneofCase.Event:
                var recorded = WireEvents.Read(message.Event);
                seen = (recorded.Position.Value, recorded.Position.Value);
                return new LogMessage.Event(recorded);
            case ReadResp.ContentOneofCase.Checkpoint:
                seen = (message.Checkpoint.CommitPosition, message.Checkpoint.PreparePosition);
                return new LogMessage.Checkpoint(new Position(message.Checkpoint.CommitPosition));
            case ReadResp.ContentOneofCase.CaughtUp:
                return new LogMessage.CaughtUp();
            default:
                return null;
        }
    }
}
