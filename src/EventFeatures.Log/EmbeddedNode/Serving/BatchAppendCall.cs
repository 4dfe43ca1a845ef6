using System.Threading.Channels;
using EventFeatures.Log.Protocol;
using EventFeatures.Log.Protocol.Streaming;
using Google.Protobuf;
using Grpc.Core;
using GrpcStatus = Grpc.Core.Status;

namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>
/// One caller's long-lived stream of batches. Batches are answered as they commit, in any order. A caller with
/// too much outstanding is not read from until answers have gone out, which its own flow control feels.
/// </summary>
internal sealed class BatchAppendCall(NodeServices node, IAsyncStreamReader<BatchMessage> requests, IServerStreamWriter<BatchAppendResp> responses)
{
    private const int OutstandingMax = 4096;
    private const long OutstandingBytesMax = 32L * 1024 * 1024;
    private const int UnfinishedMax = 64;
    private static readonly TimeSpan LastWriteMax = TimeSpan.FromSeconds(2);
    private static readonly WriteOptions Buffered = new(WriteFlags.BufferHint);
    private static readonly WriteOptions Flushed = new();

    // Bounded by what is outstanding: a batch counts until its answer is written, not only decided.
    private readonly Channel<(BatchAppendResp Answer, long Bytes)> _answers =
        Channel.CreateUnbounded<(BatchAppendResp, long)>(new UnboundedChannelOptions { SingleReader = true });

    private readonly Dictionary<Guid, UnfinishedBatch> _unfinished = [];
    private readonly OutstandingWork _outstanding = new(OutstandingMax, OutstandingBytesMax);

    public async Task RunAsync(CancellationToken caller)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(caller, node.Stopping);
        using var late = new CancellationTokenSource(System.Threading.Timeout.InfiniteTimeSpan, node.Options.Time);
        using var written = CancellationTokenSource.CreateLinkedTokenSource(caller, late.Token);
        var answering = AnswerAsync(ended.Token, written.Token);
        try
        {
            while (await requests.MoveNext(ended.Token))
            {
                Take(requests.Current);
                if (_outstanding.IsFull) await _outstanding.WaitAsync(ended.Token);
            }
            // The caller half-closed; what it sent is still answered.
            await _outstanding.WaitUntilNoneAsync(ended.Token);
            _answers.Writer.TryComplete();
            await answering;
        }
        catch (OperationCanceledException) when (node.Stopping.IsCancellationRequested)
        {
            throw Refusals.Unavailable("The node is shutting down.");
        }
        catch (Exception malformed) when (malformed is InvalidProtocolBufferException or MalformedMessageException)
        {
            throw Refusals.Invalid($"A batch's message cannot be read: {malformed.Message}");
        }
        catch (Exception gone) when (caller.IsCancellationRequested || gone is OperationCanceledException or IOException)
        {
            throw new RpcException(new GrpcStatus(StatusCode.Cancelled, "The caller is gone."));
        }
        finally
        {
            _answers.Writer.TryComplete();
            // A connection answers its next call by what it answered this one by: nothing may be written to it any more.
            await ended.CancelAsync();
            // A cancelled write takes the call's status with it, so an answer on its way arrives unless the caller takes none.
            late.CancelAfter(LastWriteMax);
            await answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Hands over an answer; called by the writer, so it only queues.</summary>
    public void Answer(BatchAppendResp answer, long bytes) => _answers.Writer.TryWrite((answer, bytes));

    private void Take(BatchMessage message)
    {
        try
        {
            var (correlation, batch) = BatchOf(message);
            batch.Add(message);
            if (!message.IsFinal) return;
            _unfinished.Remove(correlation);
            Enqueue(batch);
        }
        finally
        {
            // Rows hold what is kept of it.
            message.Release();
        }
    }

    private (Guid Correlation, UnfinishedBatch Batch) BatchOf(BatchMessage message)
    {
        if (!Uuids.TryRead(message.CorrelationId, out var correlation))
            throw Refusals.Invalid("A batch has no valid correlation_id; give a UUID.");
        if (_unfinished.TryGetValue(correlation, out var batch)) return (correlation, batch);
        if (message.Options is null)
            throw Refusals.Invalid($"Batch {correlation} has no options, and no batch of that id is open.");
        if (_unfinished.Count >= UnfinishedMax)
            throw Refusals.Invalid(FormattableString.Invariant($"More than {UnfinishedMax} batches are open; finish one with is_final."));
        batch = new UnfinishedBatch(message.CorrelationId, message.Options);
        if (!message.IsFinal) _unfinished.Add(correlation, batch);
        return (correlation, batch);
    }

    private void Enqueue(UnfinishedBatch batch)
    {
        _outstanding.Begin(batch.Bytes);
        try
        {
            node.Enqueue(batch.Finish(node, this));
        }
        catch (RpcException refused)
        {
            Answer(batch.Refused(refused), batch.Bytes);
        }
    }

    private async Task AnswerAsync(CancellationToken ended, CancellationToken written)
    {
        while (await _answers.Reader.WaitToReadAsync(ended))
        {
            while (!ended.IsCancellationRequested && _answers.Reader.TryRead(out var next))
            {
                responses.WriteOptions = _answers.Reader.TryPeek(out _) ? Buffered : Flushed;
                await responses.WriteAsync(next.Answer, written);
                _outstanding.Done(next.Bytes);
            }
        }
    }
}
