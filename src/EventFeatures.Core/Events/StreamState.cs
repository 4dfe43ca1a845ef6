using System.Globalization;

namespace EventFeatures.Core.Events;

/// <summary>What an append expects of its stream: any state, no stream, some stream, or an exact last revision.</summary>
public readonly record struct StreamState
{
    private readonly long _value;

    private StreamState(long value) => _value = value;

    /// <summary>Append whatever the stream's state.</summary>
    public static readonly StreamState Any = new(-2);

    /// <summary>The stream must not exist.</summary>
    public static readonly StreamState NoStream = new(-1);

    /// <summary>The stream must exist, at any revision.</summary>
    public static readonly StreamState StreamExists = new(-4);

    /// <summary>The stream's last event must have exactly this revision.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="revision"/> is negative.</exception>
    public static StreamState StreamRevision(long revision)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(revision);
        return new StreamState(revision);
    }

    /// <summary>The exact revision, or <see langword="null"/> for the three named states.</summary>
    public long? Revision => _value >= 0 ? _value : null;

    /// <inheritdoc/>
    public override string ToString() => _value switch
    {
        -2 => "any",
        -1 => "no stream",
        -4 => "stream exists",
        _ => "revision " + _value.ToString(CultureInfo.InvariantCulture),
    };
}
