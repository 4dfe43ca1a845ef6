namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions.Dispatching;

/// <summary>Decides which of a group's consumers gets an event.</summary>
internal abstract class DispatchStrategy
{
    private static readonly Dictionary<string, Func<DispatchStrategy>> Known = new(StringComparer.Ordinal)
    {
        ["RoundRobin"] = () => new RoundRobin(),
        ["DispatchToSingle"] = () => new DispatchToSingle(),
        ["Pinned"] = () => new Pinned(PinKeys.OfStream),
        ["PinnedByCorrelation"] = () => new Pinned(PinKeys.OfCorrelation),
    };

    public static IReadOnlyCollection<string> Names => Known.Keys;

    public static DispatchStrategy Named(string name) => Known[name]();

    /// <summary>
    /// The consumer that gets the message, or null when it has to wait.
    /// </summary>
    public abstract Consumer? Choose(IReadOnlyList<Consumer> consumers, Message message);

    /// <summary>Whether another message may have a consumer when one has none.</summary>
    public virtual bool DependsOnMessage => false;
}
