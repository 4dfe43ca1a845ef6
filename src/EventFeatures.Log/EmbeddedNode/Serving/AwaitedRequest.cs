using EventFeatures.Log.EmbeddedNode.Writing;

namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>A request whose one caller waits for its outcome.</summary>
internal sealed class AwaitedRequest(string stream, long expected, in EncodedEvents encoded, long deadline)
    : AppendRequest(stream, expected, encoded.Events, encoded.Rows, encoded.Offsets, deadline)
{
    private readonly TaskCompletionSource<AppendOutcome> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the outcome; the writer completes every request that it took.</summary>
    public Task<AppendOutcome> Answer => _answer.Task;

    public override void Complete(AppendOutcome outcome) => _answer.TrySetResult(outcome);
}
