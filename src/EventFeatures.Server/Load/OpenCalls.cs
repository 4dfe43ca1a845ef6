using EventFeatures.Server.Errors;
using EventFeatures.Server.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace EventFeatures.Server.Load;

/// <summary>
/// Bounds what is open before anything of it is understood. A call for which there is no room is refused without its
/// message being read.
/// </summary>
internal sealed class OpenCalls(LoadLimits limits, ComingBytes coming, RefusalLog refusals, TimeProvider time)
{
    // An append is at most a mebibyte of events; JSON writes bytes longer, and CloudEvents may be for many streams.
    private const long AppendBodyBytesMax = 8 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly NestedBound _calls = new(limits.OpenCallsMax);
    private readonly RetryTime _retry = new(time);
    private int _appendStreams;

    /// <summary>How many there are now.</summary>
    public long Count { get { lock (_gate) return _calls.Held; } }

    /// <summary>How many of them are streams of appends.</summary>
    public int AppendStreams { get { lock (_gate) return _appendStreams; } }

    public async Task ServeAsync(HttpContext http, RequestDelegate next)
    {
        if (CallPriorities.Of(http) is not { } priority)
        {
            await next(http);
            return;
        }
        // Said before the body comes: once it is being read, what reads it has its own words for it.
        if (!DefaultDeadline.IsGrpc(http) && http.Request.ContentLength > AppendBodyBytesMax && CallPriorities.IsAppend(http))
        {
            await HttpErrors.AnswerAsync(http, ErrorMapping.Map(TooLarge(http.Request.ContentLength.Value))!);
            return;
        }
        var isAppendStream = http.Request.Path == CallPriorities.AppendStream;
        if (Open(priority, isAppendStream) is { } refusal)
        {
            refusals.Note(refusal.Priority, RefusalLog.Opening);
            await HttpErrors.RefuseAsync(http, ErrorMapping.Map(refusal)!);
            return;
        }
        using var bytes = coming.Of(priority);
        try
        {
            CountBody(http, bytes);
            await next(http);
        }
        finally
        {
            Close(priority, isAppendStream);
        }
    }

    private static void CountBody(HttpContext http, ComingBytes.OfCall bytes)
    {
        if (DefaultDeadline.IsGrpc(http))
        {
            http.Features.Set<IRequestBodyPipeFeature>(new CountedReader(http.Request.BodyReader, bytes));
            return;
        }
        if (CallPriorities.IsAppend(http) && http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = AppendBodyBytesMax;
        http.Request.Body = new CountedStream(http.Request.Body, bytes);
    }

    private static BadHttpRequestException TooLarge(long bytes) => new(
        FormattableString.Invariant($"The body has {bytes} bytes, and one that appends events at most {AppendBodyBytesMax}."), StatusCodes.Status413PayloadTooLarge);

    private OverloadedException? Open(CallPriority priority, bool isAppendStream)
    {
        lock (_gate)
        {
            if (isAppendStream && _appendStreams >= limits.AppendStreamsMax)
                return new OverloadedException(priority, FormattableString.Invariant($"There are {_appendStreams} streams of appends open already."), _retry.After(priority, 0));
            if (!_calls.TryAdd(priority, 1))
                return new OverloadedException(priority, FormattableString.Invariant($"There are {_calls.Held} calls open already."), _retry.After(priority, 0));
            if (isAppendStream) _appendStreams++;
            return null;
        }
    }

    private void Close(CallPriority priority, bool isAppendStream)
    {
        lock (_gate)
        {
            _calls.Remove(priority, 1);
            _retry.Done();
            if (isAppendStream) _appendStreams--;
        }
    }
}
