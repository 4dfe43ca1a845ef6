using System.Collections.Concurrent;

namespace EventFeatures.Testing.Faults;

/// <summary>What the sessions of a run did and found, so far.</summary>
public sealed class FaultCounts
{
    private readonly ConcurrentDictionary<FaultKind, int> _faults = new();
    private long _sessions;
    private long _acknowledged;
    private long _healed;
    private long _delivered;
    private long _read;

    public long Sessions => Interlocked.Read(ref _sessions);

    /// <summary>Faults that were healed, with the load going on after each.</summary>
    public int Rounds => _faults.Values.Sum();

    public IReadOnlyDictionary<FaultKind, int> Faults => _faults;

    public int Kills => _faults.Where(each => new Fault(each.Key, 0, default, default).IsKill).Sum(each => each.Value);

    public long EventsAcknowledged => Interlocked.Read(ref _acknowledged);

    public long DoubtsHealed => Interlocked.Read(ref _healed);

    public long EventsDelivered => Interlocked.Read(ref _delivered);

    public long EventsRead => Interlocked.Read(ref _read);

    public void Fault(FaultKind kind) => _faults.AddOrUpdate(kind, 1, (_, count) => count + 1);

    public void Session(long acknowledged, long healed, long delivered, long read)
    {
        Interlocked.Increment(ref _sessions);
        Interlocked.Add(ref _acknowledged, acknowledged);
        Interlocked.Add(ref _healed, healed);
        Interlocked.Add(ref _delivered, delivered);
        Interlocked.Add(ref _read, read);
    }
}
