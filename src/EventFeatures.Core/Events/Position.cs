using System.Globalization;

namespace EventFeatures.Core.Events;

/// <summary>An event's place in the whole log: opaque and increasing (the commit position).</summary>
/// <param name="Value">The commit position; comparable only within one log.</param>
public readonly record struct Position(ulong Value) : IComparable<Position>
{
    /// <summary>Before the first event.</summary>
    public static readonly Position Start = new(0);

    /// <summary>After every event there is or will be.</summary>
    public static readonly Position End = new(ulong.MaxValue);

    /// <inheritdoc/>
    public int CompareTo(Position other) => Value.CompareTo(other.Value);

    /// <summary>The decimal form, which is also the consistency token's text.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>At an earlier place of the log.</summary>
    public static bool operator <(Position left, Position right) => left.Value < right.Value;

    /// <summary>At a later place of the log.</summary>
    public static bool operator >(Position left, Position right) => left.Value > right.Value;

    /// <summary>At the same or an earlier place of the log.</summary>
    public static bool operator <=(Position left, Position right) => left.Value <= right.Value;

    /// <summary>At the same or a later place of the log.</summary>
    public static bool operator >=(Position left, Position right) => left.Value >= right.Value;
}
