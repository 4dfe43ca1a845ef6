using System.Collections.Concurrent;
using EventFeatures.Core.Events;

namespace EventFeatures.Testing.Faults.Load;

/// <summary>Every append that was tried, and what must hold from the moment that one was acknowledged.</summary>
public sealed class Ledger
{
    private const int ViolationsMax = 100;

    private readonly ConcurrentQueue<Attempt> _attempts = new();
    private readonly ConcurrentDictionary<string, long> _revisions = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _violations = new();
    private long _answered;
    private long _acknowledgedEvents;
    private long _healed;

    public IReadOnlyCollection<Attempt> Attempts => _attempts;

    /// <summary>What was seen that must never be.</summary>
    public IReadOnlyCollection<string> Violations => _violations;

    /// <summary>Appends that were answered, in whichever way.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    public long AcknowledgedEvents => Interlocked.Read(ref _acknowledgedEvents);

    /// <summary>Appends that once failed without an answer and were settled by a retry with the same ids.</summary>
    public long Healed => Interlocked.Read(ref _healed);

    public IReadOnlyList<string> Streams => [.. _revisions.Keys];

    /// <summary>The last revision of a stream that is known to be durable; -1 when none is.</summary>
    public long RevisionOf(string stream) => _revisions.GetValueOrDefault(stream, -1);

    public void Begin(Attempt attempt) => _attempts.Enqueue(attempt);

    public void Acknowledge(Attempt attempt, AppendResult answer, bool afterDoubt)
    {
        attempt.Acknowledge(answer);
        _revisions.AddOrUpdate(attempt.Stream, answer.NextExpectedRevision, (_, known) => Math.Max(known, answer.NextExpectedRevision));
        Interlocked.Add(ref _acknowledgedEvents, attempt.Ids.Count);
        Settled(afterDoubt);
    }

    public void Refuse(Attempt attempt, long? actualRevision, bool afterDoubt)
    {
        attempt.Refuse();
        if (actualRevision is { } actual) _revisions.AddOrUpdate(attempt.Stream, actual, (_, known) => Math.Max(known, actual));
        Settled(afterDoubt);
    }

    public void Violate(string violation)
    {
        // What goes wrong once may go wrong at every try.
        if (_violations.Count < ViolationsMax) _violations.Enqueue(violation);
    }

    private void Settled(bool afterDoubt)
    {
        Interlocked.Increment(ref _answered);
        if (afterDoubt) Interlocked.Increment(ref _healed);
    }
}
