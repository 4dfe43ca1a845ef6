using EventFeatures.Core.Events;

namespace EventFeatures.Testing.Faults.Load;

/// <summary>What an appender knows of one of its appends.</summary>
public enum AttemptEnd
{
    /// <summary>Never answered: it happened, or it did not.</summary>
    Doubtful,

    /// <summary>Answered as appended.</summary>
    Acknowledged,

    /// <summary>Refused for the stream's state.</summary>
    Refused,
}

/// <summary>One append: what was asked and, once it is answered, how it ended.</summary>
public sealed class Attempt(string stream, StreamState expected, IReadOnlyList<Guid> ids)
{
    private volatile Tuple<AttemptEnd, AppendResult?> _end = Tuple.Create<AttemptEnd, AppendResult?>(AttemptEnd.Doubtful, null);

    public string Stream { get; } = stream;
    public StreamState Expected { get; } = expected;
    public IReadOnlyList<Guid> Ids { get; } = ids;
    public AttemptEnd End => _end.Item1;
    public AppendResult? Answer => _end.Item2;

    public void Acknowledge(AppendResult answer) => _end = Tuple.Create<AttemptEnd, AppendResult?>(AttemptEnd.Acknowledged, answer);

    public void Refuse() => _end = Tuple.Create<AttemptEnd, AppendResult?>(AttemptEnd.Refused, null);

    public override string ToString() => FormattableString.Invariant($"append of {Ids.Count} from {Ids[0]} on to '{Stream}', expecting {Expected}");
}
