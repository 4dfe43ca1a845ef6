using EventFeatures.Core.Definitions;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.Contracts;

/// <summary>What producers promise about the events of one category.</summary>
public sealed record DataContract : Definition
{
    /// <inheritdoc/>
    public override DefinitionKind Kind => DefinitionKind.DataContract;

    /// <inheritdoc/>
    public override string Reference => $"{Name}/{Version}";

    /// <summary>The full semantic version of the file, for example <c>1.2.0</c>.</summary>
    public required string FullVersion { get; init; }

    /// <summary>The category: its streams are named <c>category-key</c>.</summary>
    public required string Category { get; init; }

    /// <summary>The event types that the contract covers, by name.</summary>
    public required IReadOnlyDictionary<string, EventSchema> EventTypes { get; init; }

    /// <summary>The payload field that holds the event time, or <see langword="null"/> for the envelope's own.</summary>
    public string? EventTimeField { get; init; }

    /// <summary>How far an event may lie behind the newest of its stream; <see langword="null"/>: no event is late.</summary>
    public Duration? AllowedLateness { get; init; }

    /// <summary>How far an event's time may lie ahead of when it was recorded; <see langword="null"/>: without limit.</summary>
    public Duration? FutureSkewMax { get; init; }

    /// <summary>What happens to an event that breaks the contract.</summary>
    public ViolationAction OnViolation { get; init; } = ViolationAction.Quarantine;
}

/// <summary>The fields of one event type.</summary>
public sealed record EventSchema(string Name, IReadOnlyList<Field> Fields)
{
    /// <summary>The field of a name, or <see langword="null"/>.</summary>
    public Field? Find(string name) => Fields.FirstOrDefault(field => field.Name == name);
}

/// <summary>One field of an event's payload.</summary>
/// <param name="Name">The JSON member's name; within an object, after the names of what holds it: <c>request.model</c>.</param>
/// <param name="Type">Its type; <see cref="ValueKind.Decimal"/> where the contract says <c>physicalType: decimal</c>.</param>
/// <param name="Required">Whether it must be there and not null.</param>
public sealed record Field(string Name, ValueKind Type, bool Required)
{
    /// <summary>The field of type object that holds this one; <see langword="null"/> for a member of the payload itself.</summary>
    public string? Parent { get; init; }

    /// <summary>The values allowed; empty for any.</summary>
    public IReadOnlyList<Value> Enumeration { get; init; } = [];

    /// <summary>The least valid value, included.</summary>
    public double? Minimum { get; init; }

    /// <summary>The greatest valid value, included.</summary>
    public double? Maximum { get; init; }

    /// <summary>The type of an array's elements.</summary>
    public ValueKind? ElementType { get; init; }

    /// <summary>The field's type with what is declared of its inside.</summary>
    public ValueShape Shape => ElementType is { } element ? ValueShape.ListOf(element) : Type;

    /// <summary>The unit, for people.</summary>
    public string? Unit { get; init; }

    /// <summary>The classification, for example <c>personal</c>.</summary>
    public string? Classification { get; init; }
}

/// <summary>What happens to an event that breaks its contract.</summary>
public enum ViolationAction
{
    /// <summary>The append is refused.</summary>
    Reject,

    /// <summary>The event is kept aside, with its reason and its original bytes.</summary>
    Quarantine,
}
