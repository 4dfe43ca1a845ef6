namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>How many calls of a kind are open: subscriptions to streams and the whole log, and consumers of groups.</summary>
internal sealed class OpenCalls
{
    private int _subscriptions;
    private int _consumers;

    /// <summary>Catch-up subscriptions that are open now.</summary>
    public int Subscriptions => Volatile.Read(ref _subscriptions);

    /// <summary>Consumers of persistent subscriptions that are connected now.</summary>
    public int Consumers => Volatile.Read(ref _consumers);

    /// <summary>Counts a subscription while it runs.</summary>
    public Task SubscribedAsync(Func<Task> call) => WhileAsync(call, change => Interlocked.Add(ref _subscriptions, change));

    /// <summary>Counts a consumer while it runs.</summary>
    public Task ConsumingAsync(Func<Task> call) => WhileAsync(call, change => Interlocked.Add(ref _consumers, change));

    private static async Task WhileAsync(Func<Task> call, Action<int> count)
    {
        count(1);
        try
        {
            await call();
        }
        finally
        {
            count(-1);
        }
    }
}
