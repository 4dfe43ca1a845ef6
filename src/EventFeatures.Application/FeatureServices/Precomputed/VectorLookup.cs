using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.Time;

namespace EventFeatures.Application.FeatureServices.Precomputed;

/// <summary>What the kept vectors have for one read.</summary>
public sealed class VectorLookup
{
    private readonly PrecomputedVectors _vectors;
    private readonly CompiledService _service;
    private readonly IReadOnlyList<Position>? _lastPositions;

    internal VectorLookup(PrecomputedVectors vectors, CompiledService service, IReadOnlyList<Position>? lastPositions, PrecomputedVector? found) =>
        (_vectors, _service, _lastPositions, Found) = (vectors, service, lastPositions, found);

    /// <summary>How old a vector may be that is served.</summary>
    public required Duration MaxStaleness { get; init; }

    /// <summary>How old the one is that is served.</summary>
    public required Duration Age { get; init; }

    /// <summary>The vector to serve; null where the read has to be computed.</summary>
    public PrecomputedVector? Found { get; }

    /// <summary>Keeps what the read was then computed to, for those that come after it.</summary>
    public void Keep(FeaturesAnswer computed)
    {
        // A definition that was applied since the look is not what was found then: the newest version may be another one.
        if (!ReferenceEquals(computed.Names, _service.InputNames)) return;
        // The states before the computation: if they changed meanwhile, what is kept is never served.
        if (_lastPositions is not null) _vectors.Keep(new PrecomputedVector(_service, computed, _lastPositions));
    }
}
