using System.Collections.Concurrent;
using System.Threading.Channels;
using EventFeatures.Api.V1;
using EventFeatures.Server.Errors;
using Grpc.Core;

namespace EventFeatures.Server.Api;

/// <summary>
/// Many appends over one call: those of one stream one after the other, those of different streams at once, so that
/// the log can commit them in groups. What is unanswered is bounded, and a request waits for its turn before the next
/// one is read, so that a caller who sends too fast feels it as flow control.
/// </summary>
internal sealed class AppendPipeline(StreamedAppends appends, IServerStreamWriter<AppendAcknowledgement> responses, TimeProvider time)
{
    private const int UnansweredMax = 1_024;
    private const long UnansweredBytesMax = 8L * 1024 * 1024;

    // Less than what the server allows a stream to end by itself once it stops.
    private static readonly TimeSpan FinishMax = TimeSpan.FromSeconds(1.5);

    private readonly ConcurrentDictionary<string, Task> _lastOfStream = new(StringComparer.Ordinal);
    private readonly UnansweredRequests _unanswered = new(UnansweredMax, UnansweredBytesMax);
    private readonly HeldStreams _held = new(time);

    // Never full, since an acknowledgement leaves it before its request counts as answered.
    private readonly Channel<(AppendAcknowledgement Answer, long Bytes)> _answers =
        Channel.CreateBounded<(AppendAcknowledgement, long)>(UnansweredMax);

    /// <param name="requests">What the caller sends.</param>
    /// <param name="caller">Cancelled when the caller is gone.</param>
    /// <param name="stopping">Cancelled when the server stops.</param>
    public async Task RunAsync(IAsyncStreamReader<AppendRequest> requests, CancellationToken caller, CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(caller);
        using var written = CancellationTokenSource.CreateLinkedTokenSource(caller);
        var writing = WriteAsync(end.Token, written.Token);
        try
        {
            var all = await ReadAsync(requests, end.Token, stopping).ConfigureAwait(false);
            // What was read is finished and answered, also by a server that stops, so that its producer knows.
            if (!all)
            {
                end.CancelAfter(FinishMax);
                written.CancelAfter(FinishMax);
            }
            await Task.WhenAll(_lastOfStream.Values).ConfigureAwait(false);
            _answers.Writer.Complete();
            await writing.ConfigureAwait(false);
            if (!all) throw CallsInWork.Stopping.ToRpcException();
        }
        catch
        {
            await end.CancelAsync().ConfigureAwait(false);
            _answers.Writer.TryComplete();
            // A cancelled write takes the call's status with it, so an answer on its way arrives unless the caller takes none.
            written.CancelAfter(FinishMax);
            await Task.WhenAll(_lastOfStream.Values.Append(writing)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <summary>Whether the caller said that there is no more; else the server stops.</summary>
    private async Task<bool> ReadAsync(IAsyncStreamReader<AppendRequest> requests, CancellationToken end, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end, stopping);
        try
        {
            for (var number = 0L; await requests.MoveNext(either.Token).ConfigureAwait(false); number++)
            {
                var request = requests.Current;
                var arrived = time.GetTimestamp();
                await _unanswered.AddAsync(request.CalculateSize(), either.Token).ConfigureAwait(false);
                _held.Waited(arrived);
                await TakeAsync(number, request, either.Token, end).ConfigureAwait(false);
            }
            return true;
        }
        catch (Exception ended) when (ended is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled } && stopping.IsCancellationRequested && !end.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task TakeAsync(long number, AppendRequest request, CancellationToken waiting, CancellationToken end)
    {
        if (_held.Of(request.Stream, number) is { } held)
        {
            await AnswerAsync(request, StreamedAppends.Failed(number, request, held), end).ConfigureAwait(false);
            return;
        }
        var asked = time.GetTimestamp();
        var (admitted, refusal) = await appends.AdmitAsync(number, request, waiting).ConfigureAwait(false);
        _held.Waited(asked);
        if (admitted is null) await AnswerAsync(request, Noted(request, refusal!), end).ConfigureAwait(false);
        else Enqueue(admitted, end);
    }

    private void Enqueue(StreamedAppends.Admitted admitted, CancellationToken cancellation)
    {
        var stream = admitted.Request.Stream;
        var before = _lastOfStream.GetValueOrDefault(stream, Task.CompletedTask);
        var mine = AppendAfterAsync(before, admitted, cancellation);
        _lastOfStream[stream] = mine;
        // Streams without work are forgotten, or the table would grow with every stream ever seen.
        _ = mine.ContinueWith(
            done => _lastOfStream.TryRemove(new(stream, done)),
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task AppendAfterAsync(Task before, StreamedAppends.Admitted admitted, CancellationToken cancellation)
    {
        using var place = admitted.Place;
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        cancellation.ThrowIfCancellationRequested();
        var answer = _held.Of(admitted.Request.Stream, admitted.Number) is { } held
            ? StreamedAppends.Failed(admitted.Number, admitted.Request, held)
            : Noted(admitted.Request, await appends.AppendAsync(admitted, cancellation).ConfigureAwait(false));
        await AnswerAsync(admitted.Request, answer, cancellation).ConfigureAwait(false);
    }

    private AppendAcknowledgement Noted(AppendRequest request, AppendAcknowledgement answer)
    {
        if (answer.Failed is not { } failed) return answer;
        var error = new ApiError((StatusCode)failed.Status, failed.Code, failed.Message) { RetryAfter = failed.RetryAfter?.ToTimeSpan() };
        return StreamedAppends.Failed(answer.Request, request, _held.Refused(request.Stream, answer.Request, error));
    }

    private ValueTask AnswerAsync(AppendRequest request, AppendAcknowledgement answer, CancellationToken cancellation) =>
        _answers.Writer.WriteAsync((answer, request.CalculateSize()), cancellation);

    private async Task WriteAsync(CancellationToken end, CancellationToken written)
    {
        await foreach (var (answer, bytes) in _answers.Reader.ReadAllAsync(end).ConfigureAwait(false))
        {
            await responses.WriteAsync(answer, written).ConfigureAwait(false);
            _unanswered.Answered(bytes);
        }
    }
}
