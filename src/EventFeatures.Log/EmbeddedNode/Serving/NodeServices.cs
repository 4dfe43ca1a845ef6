using EventFeatures.Log.EmbeddedNode.Links;
using EventFeatures.Log.EmbeddedNode.Reading;
using EventFeatures.Log.EmbeddedNode.Writing;
using Grpc.Core;

namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>What the gRPC services of one node share.</summary>
internal sealed record NodeServices(
    EmbeddedNodeOptions Options, AppendQueue Queue, EventPages Pages, StreamExtents Extents, LinkResolver Links, LogTail Tail, LogReader Reader, CancellationToken Stopping)
{
    /// <summary>Puts an append into the writer's queue, or refuses it.</summary>
    public void Enqueue(AppendRequest request)
    {
        if (Queue.Refusal is { } refusal) throw Refusals.Unavailable(refusal);
        if (Queue.TryAdd(request)) return;
        throw Queue.Refusal is { } closed ? Refusals.Unavailable(closed) : Refusals.QueueFull(Queue.Events, Queue.RetryAfter());
    }

    /// <summary>The timestamp at which an append that came now is given up, if its caller waits that long.</summary>
    public long DeadlineIn(TimeSpan? callers)
    {
        var wait = callers is { } asked && asked < Options.AppendDeadline ? asked : Options.AppendDeadline;
        return Options.Time.GetTimestamp() + (long)(wait.TotalSeconds * Options.Time.TimestampFrequency);
    }

    /// <summary>The same for a call with a deadline of its own.</summary>
    public long DeadlineOf(ServerCallContext context) =>
        DeadlineIn(context.Deadline == DateTime.MaxValue ? null : context.Deadline - Options.Time.GetUtcNow().UtcDateTime);
}
