using System.Collections.Concurrent;
using System.Threading.Channels;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Log.Client;

/// <summary>
/// One long-lived call that carries the batches of all callers, many in flight at once. When it breaks, every
/// unanswered batch fails with <see cref="AppendTriedInVainException"/>: it may or may not have happened.
/// </summary>
internal sealed class BatchStream : IDisposable
{
    private const int OutboxMax = 4096;
    private static readonly WriteOptions Buffered = new(WriteFlags.BufferHint);
    private static readonly WriteOptions Flushed = new();

    private static readonly Method<BatchRequest, BatchAppendResp> BatchAppend = new(
        MethodType.DuplexStreaming, Streams.Descriptor.FullName, nameof(Streams.StreamsClient.BatchAppend), BatchRequest.Marshaller,
        Marshallers.Create<BatchAppendResp>((_, _) => throw new NotSupportedException("A client writes no answers."), context => BatchAppendResp.Parser.ParseFrom(context.PayloadAsReadOnlySequence())));

    private readonly AsyncDuplexStreamingCall<BatchRequest, BatchAppendResp> _call;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<BatchAppendResp>> _unanswered = new();
    private readonly Channel<BatchRequest> _outbox =
        Channel.CreateBounded<BatchRequest>(new BoundedChannelOptions(OutboxMax) { SingleReader = true });

    private volatile Exception? _broken;

    public BatchStream(GrpcChannel channel, Metadata headers, ILogger logger)
    {
        Node = channel;
        _logger = logger;
        _call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(BatchAppend, null, new CallOptions(headers));
        _ = Task.Run(SendAsync);
        _ = Task.Run(ReceiveAsync);
    }

    public GrpcChannel Node { get; }

    /// <summary>Whether it can carry no more.</summary>
    public bool IsBroken => _broken is not null;

    /// <summary>Sends a batch and waits for its answer; both together no longer than the deadline.</summary>
    /// <exception cref="TimeoutException">The deadline passed first; the batch may or may not be appended.</exception>
    public async Task<BatchAppendResp> AppendAsync(BatchRequest request, TimeSpan deadline, TimeProvider time, CancellationToken cancellation)
    {
        var answer = new TaskCompletionSource<BatchAppendResp>(TaskCreationOptions.RunContinuationsAsynchronously);
        _unanswered[request.Correlation] = answer;
        try
        {
            var left = _outbox.Writer.TryWrite(request) ? deadline : await SendLaterAsync(request, deadline, time, cancellation);
            // It may have broken between the look-up of this stream and now, after its last sweep.
            if (_broken is { } broken) throw Vain(broken);
            return await answer.Task.WaitAsync(left, time, cancellation);
        }
        finally
        {
            _unanswered.TryRemove(request.Correlation, out _);
        }
    }

    public void Dispose() => Break(new ObjectDisposedException(nameof(EventStoreLog)));

    // What is left of the deadline once there was room.
    private async Task<TimeSpan> SendLaterAsync(BatchRequest request, TimeSpan deadline, TimeProvider time, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        using var late = new CancellationTokenSource(deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            await _outbox.Writer.WriteAsync(request, either.Token);
            var left = deadline - time.GetElapsedTime(began);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
        catch (OperationCanceledException full) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException(FormattableString.Invariant($"The log took nothing in time of the {OutboxMax} appends that were to go to it before."), full);
        }
        catch (ChannelClosedException closed)
        {
            throw Vain(_broken ?? closed);
        }
    }

    private async Task SendAsync()
    {
        try
        {
            while (await _outbox.Reader.WaitToReadAsync())
            {
                while (_outbox.Reader.TryRead(out var request))
                {
                    _call.RequestStream.WriteOptions = _outbox.Reader.TryPeek(out _) ? Buffered : Flushed;
                    await _call.RequestStream.WriteAsync(request);
                }
            }
        }
        catch (Exception failure)
        {
            Break(failure);
        }
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (await _call.ResponseStream.MoveNext(CancellationToken.None))
            {
                var answer = _call.ResponseStream.Current;
                // An answer that nobody waits for any more belongs to a caller who gave up.
                if (Uuids.TryRead(answer.CorrelationId, out var correlation) && _unanswered.TryRemove(correlation, out var waiting))
                    waiting.TrySetResult(answer);
            }
            Break(new IOException("The log ended the batch append stream."));
        }
        catch (Exception failure)
        {
            Break(failure);
        }
    }

    private void Break(Exception failure)
    {
        lock (_unanswered)
        {
            if (_broken is not null) return;
            _broken = failure;
        }
        _logger.BatchStreamEnded(failure.Message);
        _outbox.Writer.TryComplete();
        _call.Dispose();
        foreach (var waiting in _unanswered.Values) waiting.TrySetException(Vain(failure));
    }

    private static AppendTriedInVainException Vain(Exception failure) =>
        new(failure is RpcException rpc ? $"{rpc.StatusCode}: {rpc.Status.Detail}" : failure.Message, failure);
}
