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

    // For refusals that name no time of their own, such as that of a log that is away.
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Until, StatusCode Status)> _until = new(StringComparer.Ordinal);
    private (long Until, StatusCode Status)? _all;

    /// <summary>Notes how a request of a stream ended.</summary>
    /// <returns>The error with the time after which the stream takes requests again, where that is so.</returns>
    public ApiError Refused(string stream, ApiError error)
    {
        if (error.Status is not (StatusCode.ResourceExhausted or StatusCode.Unavailable or StatusCode.DeadlineExceeded)) return error;
        var delay = error.RetryAfter ?? Usual;
        lock (_gate)
        {
            var until = (time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency), error.Status);
            if (_until.Count >= ToldApartMax && !_until.ContainsKey(stream)) Forget();
            if (_until.Count >= ToldApartMax && !_until.ContainsKey(stream)) _all = until;
            else _until[stream] = until;
        }
        return error with { RetryAfter = delay };
    }

    /// <summary>The error for a request of a stream that is held; null when it is not.</summary>
    public ApiError? Of(string stream)
    {
        lock (_gate)
        {
            var held = _until.TryGetValue(stream, out var own) ? own : _all;
            if (held is not { } until) return null;
            var left = time.GetElapsedTime(time.GetTimestamp(), until.Until);
            if (left > TimeSpan.Zero)
                return new ApiError(until.Status, "earlier-request-refused",
                    FormattableString.Invariant($"An earlier request for stream '{stream}' was refused for now, and this one must not overtake it. Send them again, in their order, after {Math.Ceiling(left.TotalMilliseconds):0} ms."))
                    { RetryAfter = left };
            if (!_until.Remove(stream)) _all = null;
            return null;
        }
    }

    private void Forget()
    {
        var now = time.GetTimestamp();
        foreach (var (stream, held) in _until)
            if (held.Until <= now) _until.Remove(stream);
    }
}
