namespace EventFeatures.Core.Values;

/// <summary>
/// The type of a value with what is known of its inside: a list's elements and an object's members. What is not
/// declared is open and of no known type.
/// </summary>
/// <param name="Kind">The value's own kind.</param>
public sealed record ValueShape(ValueKind Kind)
{
    /// <summary>The shape of every element of a list, or of every member of a map whose names are not known; null when open.</summary>
    public ValueShape? Element { get; init; }

    /// <summary>The shapes of an object's declared members; empty when open.</summary>
    public IReadOnlyDictionary<string, ValueShape> Members { get; init; } = new Dictionary<string, ValueShape>();

    /// <summary>A kind of which no more is known.</summary>
    public static implicit operator ValueShape(ValueKind kind) => new(kind);

    /// <summary>A list of elements of one shape.</summary>
    public static ValueShape ListOf(ValueShape element) => new(ValueKind.Array) { Element = element };

    /// <summary>An object whose members all have one shape, whatever their names.</summary>
    public static ValueShape MapOf(ValueShape member) => new(ValueKind.Object) { Element = member };

    /// <inheritdoc/>
    public bool Equals(ValueShape? other) => other is not null && Kind == other.Kind && Equals(Element, other.Element)
        && Members.Count == other.Members.Count
        && Members.All(member => other.Members.TryGetValue(member.Key, out var there) && member.Value.Equals(there));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Element, Members.Count);
}
