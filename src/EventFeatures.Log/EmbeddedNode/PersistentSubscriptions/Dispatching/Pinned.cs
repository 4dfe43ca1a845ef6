namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions.Dispatching;

/// <summary>
/// All events of one key to one consumer, so that it sees them in order. Keys are spread by rendezvous hashing:
/// when a consumer comes or goes, only the keys that it wins or leaves behind change hands.
/// </summary>
internal sealed class Pinned(Func<Message, string> keyOf) : DispatchStrategy
{
    public override bool DependsOnMessage => true;

    public override Consumer? Choose(IReadOnlyList<Consumer> consumers, Message message)
    {
        var key = message.PinHash ??= PinKeys.Hash(keyOf(message));
        Consumer? winner = null;
        ulong best = 0;
        foreach (var consumer in consumers)
        {
            var weight = PinKeys.Mix(key ^ consumer.Salt);
            if (winner is null || weight > best) (winner, best) = (consumer, weight);
        }
        return winner is { HasRoom: true } ? winner : null;
    }
}
