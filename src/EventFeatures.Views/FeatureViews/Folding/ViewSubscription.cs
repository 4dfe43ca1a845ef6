using System.Threading.Channels;
using EventFeatures.Core.Events;

namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>
/// Receives the log's messages of the view's categories and hands them to the fold through a bounded queue, whose bound holds
/// the log back while the fold is busy.
/// </summary>
internal sealed class ViewSubscription(IEventLog log, EventFilter filter, ViewsOptions options, ViewProgress progress, ViewHealth health)
{
    private const string Receive = "receive events";

    private readonly Channel<LogMessage> _received = Channel.CreateBounded<LogMessage>(
        new BoundedChannelOptions(options.ReceivedMessagesMax) { SingleReader = true, SingleWriter = true });

    /// <summary>Receives from a position on until cancelled, over any number of failures.</summary>
    public async Task ReceiveAsync(Position? after, CancellationToken cancellation)
    {
        for (var failures = 1; ; failures++)
        {
            Exception failure = new LogUnavailableException("the log ended the subscription");
            try
            {
                progress.CatchUpTo(await log.ReadHeadAsync(cancellation));
                await foreach (var message in log.SubscribeToAll(after is { } position ? FromAll.After(position) : FromAll.Start, filter, cancellation))
                {
                    if (failures > 1) health.Healed(Receive);
                    failures = 1;
                    if (message is LogMessage.Event { Recorded: var recorded })
                    {
                        progress.Received();
                        after = recorded.Position;
                    }
                    else if (message is LogMessage.Checkpoint checkpoint)
                    {
                        after = checkpoint.Position;
                    }
                    await _received.Writer.WriteAsync(message, cancellation);
                }
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                failure = exception;
            }
            cancellation.ThrowIfCancellationRequested();
            await health.FailedAsync(Receive, $"after position {(after is { } last ? last : "none")}", failure, failures, cancellation);
        }
    }

    /// <summary>Fills <paramref name="messages"/> with what was received, at least one and at most so many.</summary>
    public async Task TakeAsync(List<LogMessage> messages, int messagesMax, CancellationToken cancellation)
    {
        messages.Clear();
        messages.Add(await _received.Reader.ReadAsync(cancellation));
        while (messages.Count < messagesMax && _received.Reader.TryRead(out var message)) messages.Add(message);
    }
}
