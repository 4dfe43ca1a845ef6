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
            message =>
            {
                if (message.ContentCase == ReadResp.ContentOneofCase.Checkpoint)
                {
                    seen = (message.Checkpoint.CommitPosition, message.Checkpoint.PreparePosition);
                    return new LogMessage.Checkpoint(new Position(message.Checkpoint.CommitPosition));
                }
                var read = Read(message);
                if (read is LogMessage.Event { Recorded: var recorded }) seen = (recorded.Original().Position.Value, recorded.Original().Position.Value);
                return read;
            },
            () => seen?.Commit.ToString(CultureInfo.InvariantCulture) ?? "none", cancellation);
    }

    /// <summary>Follows one stream.</summary>
    public IAsyncEnumerable<LogMessage> ToStreamAsync(string stream, long? after, bool resolveLinks, CancellationToken cancellation)
    {
        var seen = after;
        return RunAsync(
            $"subscribe to '{stream}'", stream, () => ReadRequests.SubscribeToStream(stream, seen, resolveLinks),
            message =>
            {
                var read = Read(message);
                if (read is LogMessage.Event { Recorded: var recorded }) seen = recorded.Original().Revision;
                return read;
            },
            () => seen?.ToString(CultureInfo.InvariantCulture) ?? "none", cancellation);
    }

    private async IAsyncEnumerable<LogMessage> RunAsync(
        string operation, string? stream, Func<ReadReq> request, Func<ReadResp, LogMessage?> read, Func<string> seen,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var channel = await nodes.GetAsync(cancellation);
            using var call = new Streams.StreamsClient(channel).Read(request(), nodes.Headers(), cancellationToken: cancellation);
            Exception? failure = null;
            while (true)
            {
                ReadResp? message = null;
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
                if (read(message) is not { } delivered) continue;
                attempt = 0;
                yield return delivered;
            }
            if (!Retries.MayPass(failure!)) throw failure!;
            if (cancellation.IsCancellationRequested) throw Retries.Cancelled($"To {operation}", failure!, cancellation);
            if (attempt == Retries.AttemptsMax) throw Retries.Unavailable($"To {operation}", attempt, failure!);
            logger.SubscriptionDropped(seen(), attempt, failure!.Message);
            await nodes.LearnAsync(channel, failure!, cancellation);
            await retries.PauseAsync(Math.Max(1, attempt), failure!, cancellation);
        }
    }

    private static LogMessage? Read(ReadResp message) => message.ContentCase switch
    {
        ReadResp.ContentOneofCase.Event => new LogMessage.Event(WireEvents.Read(message.Event)),
        ReadResp.ContentOneofCase.CaughtUp => new LogMessage.CaughtUp(),
        _ => null,
    };
}
