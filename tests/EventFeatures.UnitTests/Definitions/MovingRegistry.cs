using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;

namespace EventFeatures.UnitTests.Definitions;

/// <summary>A registry that moves on between a first read of it and all later ones.</summary>
internal sealed class MovingRegistry(IRegistry registry, RegistrySnapshot first) : IRegistry
{
    private RegistrySnapshot? _first = first;

    public RegistrySnapshot Current => Interlocked.Exchange(ref _first, null) ?? registry.Current;

    public string? Fault => registry.Fault;

    public Task SeenAsync(Position position, TimeSpan deadline, CancellationToken cancellation = default) => registry.SeenAsync(position, deadline, cancellation);

    public Task ChangedAsync(RegistrySnapshot known, CancellationToken cancellation = default) => registry.ChangedAsync(known, cancellation);
}
