using System.Threading.Channels;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>Wakes one waiter; a signal that nobody waits for is kept, and further ones add nothing.</summary>
internal sealed class Signal
{
    private readonly Channel<bool> _set =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Set() => _set.Writer.TryWrite(true);

    public async Task WaitAsync(CancellationToken cancellation) => await _set.Reader.ReadAsync(cancellation);
}
