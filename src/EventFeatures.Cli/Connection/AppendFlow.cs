using EventFeatures.Api.V1;
using Grpc.Core;

namespace EventFeatures.Cli.Connection;

/// <summary>
/// Appends over one streaming call, with a bound on what is not yet answered. What the server refuses for now is sent
/// again when it says, in the order in which it was first sent and before anything else.
/// </summary>
/// <typeparam name="T">What the caller knows a request by.</typeparam>
internal sealed class AppendFlow<T> : IDisposable
{
    // In a row, in which nothing of what was sent again was taken.
    private const int VainRoundsMax = 8;

    // Whoever is asked to wait for longer hears it instead.
    private static readonly TimeSpan AskedMax = TimeSpan.FromMinutes(1);

    private readonly AsyncDuplexStreamingCall<AppendRequest, AppendAcknowledgement> _call;
    private readonly Action<T, AppendAcknowledgement> _answered;
    private readonly TimeProvider _time;
    private readonly int _unansweredMax;
    private readonly SemaphoreSlim _room;
    private readonly CancellationTokenSource _ended;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Sent> _unanswered = [];
    private readonly SortedDictionary<long, Sent> _again = [];
    private readonly Task _reading;
    private long _ordered;
    private long _written;
    private TimeSpan _pause;
    private int _vainRounds;

    /// <param name="events">The service.</param>
    /// <param name="options">The call's options.</param>
    /// <param name="unansweredMax">How many requests may be unanswered.</param>
    /// <param name="answered">Hears what became of each request, once; not at the same time for two.</param>
    /// <param name="time">What waits are measured by.</param>
    public AppendFlow(Events.EventsClient events, CallOptions options, int unansweredMax, Action<T, AppendAcknowledgement> answered, TimeProvider time)
    {
        (_unansweredMax, _answered, _time) = (unansweredMax, answered, time);
        _room = new SemaphoreSlim(unansweredMax);
        _ended = CancellationTokenSource.CreateLinkedTokenSource(options.CancellationToken);
        _call = events.AppendStream(options.WithCancellationToken(_ended.Token));
        _reading = ReadAsync();
    }

    private sealed record Sent(long Order, AppendRequest Request, T Known);

    /// <summary>How many requests were handed in.</summary>
    public long Count => _ordered;

    public Task SendAsync(AppendRequest request, T known) => UnlessBrokenAsync(async () =>
    {
        bool refused;
        lock (_gate) refused = _again.Count > 0;
        if (refused) await SendAgainAsync().ConfigureAwait(false);
        await WriteAsync(new Sent(_ordered++, request, known)).ConfigureAwait(false);
    });

    /// <summary>Ends the call once everything is answered.</summary>
    public Task CompleteAsync() => UnlessBrokenAsync(async () =>
    {
        await SendAgainAsync().ConfigureAwait(false);
        await _call.RequestStream.CompleteAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
    });

    public void Dispose()
    {
        _call.Dispose();
        _ended.Dispose();
        _room.Dispose();
    }

    private async Task SendAgainAsync()
    {
        while (true)
        {
            await AllAnsweredAsync().ConfigureAwait(false);
            List<Sent> again;
            TimeSpan pause;
            lock (_gate)
            {
                if (_again.Count == 0) return;
                again = [.. _again.Values];
                pause = _pause;
                _again.Clear();
                _pause = TimeSpan.Zero;
                _vainRounds++;
            }
            await Task.Delay(PatientCalls.Jittered(pause), _time, _ended.Token).ConfigureAwait(false);
            foreach (var sent in again) await WriteAsync(sent).ConfigureAwait(false);
        }
    }

    private async Task WriteAsync(Sent sent)
    {
        await _room.WaitAsync(_ended.Token).ConfigureAwait(false);
        lock (_gate) _unanswered.Add(_written++, sent);
        await _call.RequestStream.WriteAsync(sent.Request, _ended.Token).ConfigureAwait(false);
    }

    private async Task AllAnsweredAsync()
    {
        for (var i = 0; i < _unansweredMax; i++) await _room.WaitAsync(_ended.Token).ConfigureAwait(false);
        _room.Release(_unansweredMax);
    }

    private async Task ReadAsync()
    {
        try
        {
            await foreach (var answer in _call.ResponseStream.ReadAllAsync(_ended.Token).ConfigureAwait(false))
            {
                if (Taken(answer) is { } sent) _answered(sent.Known, answer);
                _room.Release();
            }
        }
        catch
        {
            await _ended.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The request that an answer settles; null when it will be sent again.</summary>
    private Sent? Taken(AppendAcknowledgement answer)
    {
        lock (_gate)
        {
            if (!_unanswered.Remove(answer.Request, out var sent)) throw new InvalidDataException($"The server answered request {answer.Request}, which is not open.");
            if (answer.Failed?.RetryAfter?.ToTimeSpan() is { } asked && asked <= AskedMax && _vainRounds < VainRoundsMax)
            {
                _again.Add(sent.Order, sent);
                if (asked > _pause) _pause = asked;
                return null;
            }
            _vainRounds = 0;
            return sent;
        }
    }

    /// <summary>What broke the call is told to its reader; the writer only sees that it is broken.</summary>
    private async Task UnlessBrokenAsync(Func<Task> write)
    {
        try
        {
            await write().ConfigureAwait(false);
        }
        catch (Exception error) when (error is RpcException or OperationCanceledException or InvalidOperationException or IOException)
        {
            await _reading.ConfigureAwait(false);
            throw;
        }
    }
}
