using EventFeatures.Server.Errors;
using Grpc.Core;

namespace EventFeatures.Server.Api;

/// <summary>
/// The streams of which a request was refused for now. What the producer sent after that one, before it could know, is
/// refused as well until the time to come back, or it would overtake.
/// </summary>
internal sealed class HeldStreams(TimeProvider time)
{
    private const int ToldApartMax = 1_024;

    /// <summary>How long a hold lasts at most beyond its time, however long the requests behind it wait to be read.</summary>
    private static readonly TimeSpan ExtensionMax = TimeSpan.FromSeconds(60);

    // For refusals that name no time of their own, such as that of a log that is away.
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Hold> _holds = new(StringComparer.Ordinal);
    private Hold? _all;

    /// <param name="Number">The first request that was refused; those before it are not concerned.</param>
    /// <param name="Since">The timestamp at which it was.</param>
    /// <param name="Until">The timestamp from which on requests are taken again.</param>
    /// <param name="UntilMax">The latest that this is put off to.</param>
    /// <param name="Status">How it was refused.</param>
    private sealed record Hold(long Number, long Since, long Until, long UntilMax, StatusCode Status);

    /// <summary>Notes how a request of a stream ended.</summary>
    /// <returns>The error with the time after which the stream takes requests again, where that is so.</returns>
    public ApiError Refused(string stream, long number, ApiError error)
    {
        if (error.Status is not (StatusCode.ResourceExhausted or StatusCode.Unavailable or StatusCode.DeadlineExceeded)) return error;
        var delay = error.RetryAfter ?? Usual;
        lock (_gate)
        {
            var now = time.GetTimestamp();
            var until = now + Ticks(delay);
            var hold = new Hold(number, now, until, until + Ticks(ExtensionMax), error.Status);
            if (_holds.Count >= ToldApartMax && !_holds.ContainsKey(stream)) Forget(now);
            if (_holds.Count >= ToldApartMax && !_holds.ContainsKey(stream)) _all = Joined(_all, hold, now);
            else _holds[stream] = Joined(_holds.GetValueOrDefault(stream), hold, now);
        }
        return error with { RetryAfter = delay };
    }

    /// <summary>
    /// Notes that requests waited to be read. Those behind may have been sent before their producer could know of a
    /// refusal, so the holds last as much longer.
    /// </summary>
    /// <param name="from">The timestamp from which on they waited, until now.</param>
    public void Waited(long from)
    {
        lock (_gate)
        {
            if (_holds.Count == 0 && _all is null) return;
            var now = time.GetTimestamp();
            foreach (var (stream, hold) in _holds) _holds[stream] = Extended(hold, from, now);
            if (_all is not null) _all = Extended(_all, from, now);
        }
    }

    /// <summary>The error for a request of a stream that is held; null when it is not.</summary>
    public ApiError? Of(string stream, long number)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            var hold = _holds.GetValueOrDefault(stream) is { } own && own.Until > now ? own : _all;
            if (hold is null || hold.Until <= now || number <= hold.Number) return null;
            var left = time.GetElapsedTime(now, hold.Until);
            return new ApiError(hold.Status, "earlier-request-refused",
                FormattableString.Invariant($"An earlier request for stream '{stream}' was refused for now, and this one must not overtake it. Send them again, in their order, after {Math.Ceiling(left.TotalMilliseconds):0} ms."))
                { RetryAfter = left };
        }
    }

    /// <summary>One that is over is forgotten; of two, the first refused and the later time count.</summary>
    private static Hold Joined(Hold? before, Hold hold, long now) => before is null || before.Until <= now
        ? hold
        : hold with
        {
            Number = Math.Min(before.Number, hold.Number), Since = Math.Min(before.Since, hold.Since),
            Until = Math.Max(before.Until, hold.Until), UntilMax = Math.Max(before.UntilMax, hold.UntilMax),
        };

    private static Hold Extended(Hold hold, long from, long now) => hold.Until <= from
        ? hold
        : hold with { Until = Math.Max(hold.Until, Math.Min(hold.UntilMax, hold.Until + now - Math.Max(from, hold.Since))) };

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private void Forget(long now)
    {
        foreach (var (stream, hold) in _holds)
            if (hold.Until <= now) _holds.Remove(stream);
    }
}
