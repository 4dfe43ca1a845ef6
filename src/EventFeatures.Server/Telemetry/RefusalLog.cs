using System.Diagnostics.Metrics;
using EventFeatures.Server.Load;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Server.Telemetry;

/// <summary>
/// Counts what is refused for want of room or above a quota, and says so in the log now and then: a line for each
/// refusal would be one more thing to do for a server that has too much of it.
/// </summary>
internal sealed class RefusalLog : IDisposable
{
    /// <summary>Refused as it opened.</summary>
    public const string Opening = "opening";

    /// <summary>Ended while its message came in.</summary>
    public const string Coming = "coming";

    /// <summary>Refused a place to work.</summary>
    public const string Work = "work";

    private static readonly TimeSpan Often = TimeSpan.FromSeconds(10);

    private readonly Meter _meter = new("EventFeatures.Server");
    private readonly Counter<long> _refused;
    private readonly Counter<long> _aboveQuota;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<CallPriority, long> _unsaid = [];
    private long? _saidAt;

    public RefusalLog(ILogger<RefusalLog> logger, TimeProvider time)
    {
        (_logger, _time) = (logger, time);
        _refused = _meter.CreateCounter<long>("eventfeatures.load.refused", "{call}", "Calls and requests that were refused for want of room, by priority and where.");
        _aboveQuota = _meter.CreateCounter<long>("eventfeatures.quota.refused", "{append}", "Appends that were refused since their producer is above its quota.");
    }

    /// <summary>A call was refused for want of room.</summary>
    public void Note(CallPriority priority, string where)
    {
        _refused.Add(1, new("priority", NameOf(priority)), new("where", where));
        string said;
        lock (_gate)
        {
            _unsaid[priority] = _unsaid.GetValueOrDefault(priority) + 1;
            if (_saidAt is { } at && _time.GetElapsedTime(at) < Often) return;
            _saidAt = _time.GetTimestamp();
            said = string.Join(", ", _unsaid.Select(count => $"{count.Value} {NameOf(count.Key)}"));
            _unsaid.Clear();
        }
        _logger.Overloaded(said);
    }

    /// <summary>An append was refused since its producer is above its quota.</summary>
    /// <param name="producer">One that has a quota of its own by name; null for any other, who may be called anything.</param>
    public void NoteQuota(string? producer) => _aboveQuota.Add(1, new KeyValuePair<string, object?>("producer", producer ?? "other"));

    public void Dispose() => _meter.Dispose();

    public static string NameOf(CallPriority priority) => priority.ToString().ToLowerInvariant();
}
