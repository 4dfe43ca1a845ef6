using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.TrainingSets;

/// <summary>One row to join features onto.</summary>
/// <param name="Entities">The entities' keys by entity name.</param>
/// <param name="Time">The instant <c>T</c> that the features describe.</param>
public sealed record SpineRow(IReadOnlyDictionary<string, string> Entities, Instant Time)
{
    private static readonly IReadOnlyDictionary<ViewReference, Position> NoPositions = new Dictionary<ViewReference, Position>();
    private static readonly IReadOnlyDictionary<string, Value> NoValues = new Dictionary<string, Value>();

    /// <summary>The last position that may be used, where the row states it. It then says alone what was known.</summary>
    public Position? KnownAt { get; init; }

    /// <summary>The same for each view by its reference, as a recorded prediction has it; goes before <see cref="KnownAt"/>.</summary>
    public IReadOnlyDictionary<ViewReference, Position> KnownAtByView { get; init; } = NoPositions;

    /// <summary>What the request would have brought, for on-demand features.</summary>
    public IReadOnlyDictionary<string, Value> Context { get; init; } = NoValues;

    /// <summary>What is to be learnt; null where it is not known.</summary>
    public double? Label { get; init; }

    /// <summary>The row's line or number where it comes from, from 1, for messages; 0 where nobody knows.</summary>
    public long Number { get; init; }

    /// <summary>Columns to carry along, by name.</summary>
    public IReadOnlyDictionary<string, Value> Extra { get; init; } = NoValues;
}

/// <summary>Which events a training row may know.</summary>
public enum Knowledge
{
    /// <summary>Only what had been recorded at the row's time: what a model could really have seen.</summary>
    Recorded,

    /// <summary>All that is known now; the result is marked as hindsight.</summary>
    Latest,
}
