namespace EventFeatures.Core.FeatureViews;

/// <summary>One contract's events as a view reads them. A view over several sources folds them as one history.</summary>
/// <param name="Contract">The contract, <c>name/major</c>.</param>
public sealed record ViewSource(string Contract)
{
    /// <summary>The payload fields that hold the entity's key, part by part; <see langword="null"/>: the stream's key is the entity's.</summary>
    public IReadOnlyList<string>? Key { get; init; }

    /// <summary>The condition over the contract's own fields that an event must meet to be the view's.</summary>
    public string? Where { get; init; }

    /// <summary>Names within the view for fields of the contract, by the contract's name; the others keep their names.</summary>
    public IReadOnlyDictionary<string, string> As { get; init; } = new Dictionary<string, string>();
}
