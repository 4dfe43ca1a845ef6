namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions.Dispatching;

/// <summary>Each consumer in turn; one that is full is passed over.</summary>
internal sealed class RoundRobin : DispatchStrategy
{
    private int _next;

    public override Consumer? Choose(IReadOnlyList<Consumer> consumers, Message message)
    {
        for (var tried = 0; tried < consumers.Count; tried++)
        {
            var consumer = consumers[_next++ % consumers.Count];
            _next %= consumers.Count;
            if (consumer.HasRoom) return consumer;
        }
        return null;
    }
}
