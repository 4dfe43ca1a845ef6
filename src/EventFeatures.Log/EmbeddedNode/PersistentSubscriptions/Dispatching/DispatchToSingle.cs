namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions.Dispatching;

/// <summary>The same consumer until it is full, then the one that connected after it.</summary>
internal sealed class DispatchToSingle : DispatchStrategy
{
    private Consumer? _current;

    public override Consumer? Choose(IReadOnlyList<Consumer> consumers, Message message)
    {
        var first = 0;
        for (var index = 0; index < consumers.Count; index++)
            if (ReferenceEquals(consumers[index], _current)) first = index;
        for (var tried = 0; tried < consumers.Count; tried++)
        {
            var consumer = consumers[(first + tried) % consumers.Count];
            if (consumer.HasRoom) return _current = consumer;
        }
        return null;
    }
}
