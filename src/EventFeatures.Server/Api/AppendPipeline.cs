using System.Collections.Concurrent;
using System.Threading.Channels;
using EventFeatures.Api.V1;
using Grpc.Core;

namespace EventFeatures.Server.Api;

/// <summary>
/// Many appends over one call: those of one stream one after the other, those of different streams at once, so that
/// the log can commit them in groups. At most <see cref="InFlightMax"/> are in work; past that the caller waits.
/// </summary>
internal sealed class AppendPipeline(
    Func<long, AppendRequest, CancellationToken, Task<AppendAcknowledgement>> append, IServerStreamWriter<AppendAcknowledgement> responses)
{
    private const int InFlightMax = 1024;

    private readonly ConcurrentDictionary<string, Task> _lastOfStream = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _room = new(InFlightMax);

    // Never full, since an acknowledgement leaves it before its place in flight is given back.
    private readonly Channel<AppendAcknowledgement> _acknowledged = Channel.CreateBounded<AppendAcknowledgement>(InFlightMax);

    public async Task RunAsync(IAsyncStreamReader<AppendRequest> requests, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var writing = WriteAsync(stop.Token);
        try
        {
            for (var number = 0L; await requests.MoveNext(stop.Token).ConfigureAwait(false); number++)
            {
                await _room.WaitAsync(stop.Token).ConfigureAwait(false);
                Enqueue(number, requests.Current, stop.Token);
            }
            await Task.WhenAll(_lastOfStream.Values).ConfigureAwait(false);
            _acknowledged.Writer.Complete();
            await writing.ConfigureAwait(false);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            _acknowledged.Writer.TryComplete();
            await Task.WhenAll(_lastOfStream.Values.Append(writing)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private void Enqueue(long number, AppendRequest request, CancellationToken cancellation)
    {
        var before = _lastOfStream.GetValueOrDefault(request.Stream, Task.CompletedTask);
        var mine = AppendAfterAsync(before, number, request, cancellation);
        _lastOfStream[request.Stream] = mine;
        // Streams without work are forgotten, or the table would grow with every stream ever seen.
        _ = mine.ContinueWith(
            done => _lastOfStream.TryRemove(new(request.Stream, done)),
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task AppendAfterAsync(Task before, long number, AppendRequest request, CancellationToken cancellation)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        cancellation.ThrowIfCancellationRequested();
        var acknowledgement = await append(number, request, cancellation).ConfigureAwait(false);
        await _acknowledged.Writer.WriteAsync(acknowledgement, cancellation).ConfigureAwait(false);
    }

    private async Task WriteAsync(CancellationToken cancellation)
    {
        await foreach (var acknowledgement in _acknowledged.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            await responses.WriteAsync(acknowledgement, cancellation).ConfigureAwait(false);
            _room.Release();
        }
    }
}
