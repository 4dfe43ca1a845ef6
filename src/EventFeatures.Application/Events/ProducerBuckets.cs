namespace EventFeatures.Application.Events;

/// <summary>
/// Holds every producer to its quota. Remembers no more producers than it may: one that has not appended for its
/// quota's burst is like one never seen, and is forgotten; past the bound, those not seen before share one quota.
/// </summary>
public sealed class ProducerBuckets(ProducerQuotas quotas, TimeProvider time)
{
    /// <summary>The most producers without a quota of their own that are told apart at a time.</summary>
    public const int ToldApartMax = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Buckets> _named = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LinkedListNode<Buckets>> _others = new(StringComparer.Ordinal);

    // The one that appended longest ago comes first.
    private readonly LinkedList<Buckets> _byUse = [];
    private Buckets? _shared;

    /// <summary>How many producers are remembered now.</summary>
    public int Remembered { get { lock (_gate) return _named.Count + _others.Count; } }

    /// <summary>Whether nobody has a quota, so that there is nothing to ask.</summary>
    public bool LimitNobody { get; } = quotas.IsNone;

    /// <summary>Whether a producer has a quota of its own, by name.</summary>
    public bool HasOwnQuota(string producer) => quotas.ByProducer.ContainsKey(producer);

    /// <summary>
    /// Takes what an append needs out of its producers' quotas, all or nothing.
    /// </summary>
    /// <param name="uses">What each producer appends; no producer twice.</param>
    /// <param name="waitMax">How long the caller is ready to wait before it appends.</param>
    /// <returns>How long it has to.</returns>
    /// <exception cref="QuotaExceededException">Longer than <paramref name="waitMax"/>; nothing was taken.</exception>
    public TimeSpan Take(IReadOnlyList<ProducerUse> uses, TimeSpan waitMax)
    {
        if (LimitNobody) return TimeSpan.Zero;
        lock (_gate)
        {
            var now = time.GetTimestamp();
            var longest = TimeSpan.Zero;
            foreach (var use in uses)
            {
                var (wait, limit) = Find(use.Producer, now).WaitFor(use, now);
                if (wait > waitMax) throw new QuotaExceededException(use.Producer, limit, wait);
                if (wait > longest) longest = wait;
            }
            foreach (var use in uses) Find(use.Producer, now).Take(use);
            return longest;
        }
    }

    /// <summary>Puts back what was taken for an append that did not come about.</summary>
    public void GiveBack(IReadOnlyList<ProducerUse> uses)
    {
        if (LimitNobody) return;
        lock (_gate)
        {
            var now = time.GetTimestamp();
            foreach (var use in uses) Find(use.Producer, now).GiveBack(use);
        }
    }

    private Buckets Find(string producer, long now)
    {
        if (quotas.ByProducer.TryGetValue(producer, out var own))
        {
            if (!_named.TryGetValue(producer, out var named)) _named[producer] = named = New(producer, own, now);
            return named;
        }
        if (_others.TryGetValue(producer, out var known))
        {
            _byUse.Remove(known);
            _byUse.AddLast(known);
            return known.Value;
        }
        if (_others.Count >= ToldApartMax && !Forget(now)) return _shared ??= New(producer, quotas.Default, now);
        return (_others[producer] = _byUse.AddLast(New(producer, quotas.Default, now))).Value;
    }

    private bool Forget(long now)
    {
        var oldest = _byUse.First!;
        if (!oldest.Value.AreFull(now)) return false;
        _byUse.Remove(oldest);
        _others.Remove(oldest.Value.Producer);
        return true;
    }

    private Buckets New(string producer, ProducerQuota quota, long now) => new(producer, quota, time.TimestampFrequency, now);

    private sealed class Buckets(string producer, ProducerQuota quota, long frequency, long now)
    {
        private readonly TokenBucket? _events = quota.EventsPerSecond is { } rate ? new(rate, quota.Burst, frequency, now) : null;
        private readonly TokenBucket? _bytes = quota.BytesPerSecond is { } rate ? new(rate, quota.Burst, frequency, now) : null;

        public string Producer => producer;

        public (TimeSpan Wait, string Limit) WaitFor(ProducerUse use, long timestamp)
        {
            var events = _events?.WaitFor(use.Events, timestamp) ?? TimeSpan.Zero;
            var bytes = _bytes?.WaitFor(use.Bytes, timestamp) ?? TimeSpan.Zero;
            return events >= bytes ? (events, $"{quota.EventsPerSecond} events") : (bytes, $"{quota.BytesPerSecond} bytes");
        }

        public void Take(ProducerUse use)
        {
            _events?.Take(use.Events);
            _bytes?.Take(use.Bytes);
        }

        public void GiveBack(ProducerUse use)
        {
            _events?.GiveBack(use.Events);
            _bytes?.GiveBack(use.Bytes);
        }

        public bool AreFull(long timestamp) => _events?.IsFull(timestamp) != false && _bytes?.IsFull(timestamp) != false;
    }
}

/// <summary>What one producer appends at once.</summary>
/// <param name="Producer">Who, by its own word.</param>
/// <param name="Events">How many events.</param>
/// <param name="Bytes">Bytes of their payloads.</param>
public readonly record struct ProducerUse(string Producer, long Events, long Bytes);

/// <summary>A producer appends more than its quota allows.</summary>
public sealed class QuotaExceededException(string producer, string limit, TimeSpan retryAfter)
    : Exception(FormattableString.Invariant($"Producer '{producer}' is above its quota of {limit} a second. Retry after {Math.Ceiling(retryAfter.TotalMilliseconds):0} ms, with the same event ids."))
{
    /// <summary>Who.</summary>
    public string Producer { get; } = producer;

    /// <summary>When the same append fits, if the producer appends nothing else.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
