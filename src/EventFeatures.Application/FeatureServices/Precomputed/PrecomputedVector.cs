using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.Time;

namespace EventFeatures.Application.FeatureServices.Precomputed;

/// <summary>An entity's vector of a service as it was computed at its T. Immutable, but for what its server keeps of it.</summary>
public sealed class PrecomputedVector
{
    private readonly CompiledService _service;
    private readonly IReadOnlyList<Position> _lastPositions;

    /// <param name="service">The service with its views as they were defined.</param>
    /// <param name="answer">What a read at that time got.</param>
    /// <param name="lastPositions">For each of the service's views, the last event that the entity's state held before the computation.</param>
    internal PrecomputedVector(CompiledService service, FeaturesAnswer answer, IReadOnlyList<Position> lastPositions)
    {
        (_service, Answer, _lastPositions) = (service, answer, lastPositions);
        Key = new VectorKey(service.Reference, answer.Views[0].EntityKey);
    }

    /// <summary>The answer at its T.</summary>
    public FeaturesAnswer Answer { get; }

    /// <summary>The instant that it describes.</summary>
    public Instant AsOf => Answer.AsOf;

    /// <summary>The answer in the forms in which its server sends it, once it was sent; null before. Whoever sets it may be one of several, with the same.</summary>
    public object? Encoded { get; set; }

    internal VectorKey Key { get; }

    /// <summary>Where it stands in the order of the vectors' ages; the keeper's own.</summary>
    internal LinkedListNode<PrecomputedVector>? Place { get; set; }

    /// <summary>Whether a service and its views mean by their digests what they meant when it was computed.</summary>
    internal bool IsOf(CompiledService asked)
    {
        if (ReferenceEquals(asked, _service)) return true;
        if (asked.Service.Digest != _service.Service.Digest || asked.Views.Count != _service.Views.Count) return false;
        for (var i = 0; i < asked.Views.Count; i++)
        {
            var (one, other) = (asked.Views[i], _service.Views[i]);
            if (one.Reference != other.Reference || one.View.View.Digest != other.View.View.Digest || one.View.ContractDigest != other.View.ContractDigest) return false;
        }
        return true;
    }

    /// <summary>Whether each view had seen a position when it was computed.</summary>
    internal bool Knows(Position position)
    {
        foreach (var view in Answer.Views)
            if (!(position <= view.KnownAt)) return false;
        return true;
    }

    /// <summary>Whether the entity's states hold no event that they did not hold before it was computed.</summary>
    internal bool IsOfStates(IReadOnlyList<Position> lastPositions)
    {
        for (var i = 0; i < _lastPositions.Count; i++)
            if (_lastPositions[i] != lastPositions[i]) return false;
        return true;
    }
}

/// <summary>Whose vector of which service, <c>name@v1</c>.</summary>
internal readonly record struct VectorKey(string Service, string EntityKey);
