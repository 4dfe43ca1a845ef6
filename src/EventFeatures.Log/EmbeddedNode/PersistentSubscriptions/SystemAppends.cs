using System.Security.Cryptography;
using System.Text;
using EventFeatures.Log.EmbeddedNode.Serving;
using EventFeatures.Log.EmbeddedNode.Writing;
using EventFeatures.Log.Protocol;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>
/// The node's own appends, through the same writer as everyone's. Ids are derived from what is appended, so that
/// an append whose outcome was never learnt is not made twice.
/// </summary>
internal sealed class SystemAppends(NodeServices node)
{
    private const int AttemptsMax = 8;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Appends one event, with a bounded number of retries while storage is away.</summary>
    /// <returns>Its revision.</returns>
    /// <exception cref="SystemAppendException">It could not be appended, or nobody knows whether it was.</exception>
    public async Task<long> AppendAsync(string stream, SystemEvent appended, CancellationToken cancellation)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            var outcome = await TryAsync(stream, appended, cancellation);
            if (outcome.End == AppendEnd.Appended) return outcome.Revision;
            if (outcome.End is AppendEnd.StreamDeleted or AppendEnd.Refused || attempt == AttemptsMax)
                throw new SystemAppendException($"The node could not append '{appended.Type}' to '{stream}' ({outcome.End}): {outcome.Reason ?? "no reason was given."}");
            await Task.Delay(pause, node.Options.Time, cancellation);
            pause *= 2;
        }
    }

    /// <summary>An id that depends on its parts alone.</summary>
    public static Guid IdOf(params ReadOnlySpan<string> parts)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts)));
        return new Guid(digest.AsSpan(0, 16));
    }

    private async Task<AppendOutcome> TryAsync(string stream, SystemEvent appended, CancellationToken cancellation)
    {
        var proposed = new ProposedEvents(StreamNames.ToIdentifier(stream));
        proposed.Add(appended.Id, appended.Type, appended.IsJson, appended.Data, appended.Metadata);
        var request = new AwaitedRequest(stream, Expected.Any, proposed.Encode(stream), node.DeadlineIn(null));
        if (node.Queue.Refusal is { } refusal) return new AppendOutcome(AppendEnd.Unavailable, -1, 0, refusal);
        if (!node.Queue.TryAdd(request)) return new AppendOutcome(AppendEnd.Unavailable, -1, 0, "The node's append queue is full.");
        return await request.Answer.WaitAsync(cancellation);
    }
}

/// <summary>An event that the node itself appends.</summary>
internal sealed record SystemEvent(string Type, Guid Id, ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> Metadata, bool IsJson = true);

/// <summary>An append of the node's own did not succeed.</summary>
internal sealed class SystemAppendException(string message) : Exception(message);
