using EventFeatures.Log.EmbeddedNode.Reading;
using EventFeatures.Log.EmbeddedNode.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>
/// The one writer. It drains all that waits, decides it, and commits it at once; it prepares the next batch
/// while PostgreSQL commits the last, but never has two commits in flight. When storage fails it forgets all it knows,
/// takes the lock anew and decides the unfinished appends again: those that had landed prove to be retries.
/// </summary>
internal sealed class LogWriter(
    NpgsqlDataSource source, Partitions partitions, HeadQueries queries, AppendQueue queue, LogTail tail, EmbeddedNodeOptions options, ILogger logger)
{
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromMilliseconds(200);
    private const string ShuttingDown = "The node is shutting down. Retry on another, or once it is back.";

    private readonly StreamHeads _heads = new(queries);
    private readonly UnfinishedAppends _unfinished = new();
    private Task _commit = Task.CompletedTask;
    private CommitBatch? _inFlight;
    private CommitBatch? _preparing;
    private Task<bool>? _more;

    /// <summary>Called whenever the session is lost: other idle connections are likely to be as dead.</summary>
    public Action? SessionLost { get; init; }

    /// <summary>Opens a session and lets the tail start where storage ends.</summary>
    public async Task<WriterSession> OpenAsync(CancellationToken cancellation)
    {
        var session = await WriterSession.OpenAsync(source, options, partitions, logger, cancellation);
        if (session.HasMetadata) _heads.ExpectMetadata();
        tail.Reset(session.Head);
        return session;
    }

    /// <summary>Runs until the queue is closed and empty, or until stopped, when what is left is refused.</summary>
    public async Task RunAsync(WriterSession first, CancellationToken stop)
    {
        WriterSession? session = first;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                session ??= await ReopenAsync(stop);
                await PumpAsync(session, stop);
                break;
            }
            catch (Exception failure) when (!stop.IsCancellationRequested)
            {
                logger.StorageLost(failure, failure.Message);
                SessionLost?.Invoke();
                var ended = await GatherUnfinishedAsync(failure);
                await CloseAsync(session);
                session = null;
                _unfinished.Note(ended);
                await Task.Delay(ReconnectPause, options.Time, CancellationToken.None);
            }
            catch (Exception failure)
            {
                // Once the node stops nothing is tried again: whoever still waits is told.
                if (failure is not OperationCanceledException) logger.StorageLostAtStop(failure.Message);
                break;
            }
        }
        queue.Refusal = ShuttingDown;
        await GatherUnfinishedAsync(null);
        await CloseAsync(session);
        Refuse(ShuttingDown, inDoubtToo: true);
    }

    private async Task PumpAsync(WriterSession session, CancellationToken stop)
    {
        var decider = new AppendDecider(_heads, partitions, session.Head);
        while (await NextAsync(stop))
        {
            var batch = _preparing = new CommitBatch();
            _heads.BeginBatch();
            do
            {
                Fill(batch);
                await DecideAsync(decider, batch, stop);
            }
            while (!batch.IsFull && await MoreCameAsync(stop));
            await _commit;
            _inFlight = batch;
            _preparing = null;
            var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _commit = CommitAsync(session, batch, sent);
            // While PostgreSQL is at work: any earlier, it would compete with the sending of the rows.
            await Task.WhenAny(sent.Task, _commit);
            _heads.Settle();
        }
        await _commit;
    }

    // Waits for work, but notices a failed commit at once.
    private async Task<bool> NextAsync(CancellationToken stop)
    {
        if (_unfinished.Count > 0) return true;
        _more ??= queue.WaitAsync(stop).AsTask();
        if (!_commit.IsCompleted) await Task.WhenAny(_more, _commit);
        if (_commit.IsCompleted) await _commit;
        var more = await _more;
        _more = null;
        return more;
    }

    // While a commit is in flight, the next batch keeps growing.
    private async Task<bool> MoreCameAsync(CancellationToken stop)
    {
        if (_unfinished.Count > 0 || queue.Events > 0) return true;
        if (_commit.IsCompleted) return false;
        _more ??= queue.WaitAsync(stop).AsTask();
        if (await Task.WhenAny(_more, _commit) == _commit) return false;
        var more = await _more;
        _more = null;
        return more;
    }

    private void Fill(CommitBatch batch)
    {
        _unfinished.Expire(options.Time.GetTimestamp());
        var isAlone = _unfinished.NextIsApart;
        while (!batch.IsFull && _unfinished.TryTake(out var unfinished))
        {
            batch.Add(unfinished);
            if (isAlone) batch.Close();
        }
        while (!batch.IsFull && queue.TryTake(out var request)) batch.Add(request);
    }

    private async Task DecideAsync(AppendDecider decider, CommitBatch batch, CancellationToken stop)
    {
        await _heads.LoadAsync(batch, stop);
        var now = (options.Time.GetUtcNow().Ticks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        var timestamp = options.Time.GetTimestamp();
        for (; batch.Decided < batch.Requests.Count; batch.Decided++)
        {
            var request = batch.Requests[batch.Decided];
            if (request.Deadline <= timestamp) request.Outcome = _unfinished.Expired(request);
            else decider.Decide(request, now, batch.Written);
        }
    }

    private async Task CommitAsync(WriterSession session, CommitBatch batch, TaskCompletionSource sent)
    {
        if (batch.Written.Count > 0)
        {
            foreach (var request in batch.Written) request.InDoubt = true;
            await session.CommitAsync(batch, sent);
            tail.Publish(batch.Written);
        }
        foreach (var request in batch.Requests) request.Complete(request.Outcome);
    }

    private async Task<WriterSession> ReopenAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                var session = await OpenAsync(stop);
                queue.Refusal = null;
                logger.StorageBack(session.Head);
                return session;
            }
            catch (Exception failure) when (!stop.IsCancellationRequested)
            {
                var reason = $"PostgreSQL cannot be reached: {options.StorageFault() ?? failure.Message} Retry with the same event ids.";
                queue.Refusal = reason;
                logger.StorageStillAway(failure.Message);
                Refuse(reason, inDoubtToo: false);
                await Task.Delay(ReconnectPause, options.Time, stop);
            }
        }
    }

    // What was begun and not answered is decided again, in its old order; gives the first batch that failed, and by what.
    private async Task<UnfinishedAppends.Failure> GatherUnfinishedAsync(Exception? failure)
    {
        await _commit.ContinueWith(ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var ended = _commit.IsCompletedSuccessfully
            ? new UnfinishedAppends.Failure(_preparing, failure, InLookUp: true)
            : new UnfinishedAppends.Failure(_inFlight, _commit.Exception?.InnerException, InLookUp: false);
        var committing = ended.InLookUp ? null : _inFlight;
        _unfinished.Return([.. committing?.Requests ?? [], .. _preparing?.Requests ?? []]);
        (_commit, _inFlight, _preparing) = (Task.CompletedTask, null, null);
        _heads.Forget();
        return ended;
    }

    private void Refuse(string reason, bool inDoubtToo)
    {
        _unfinished.Refuse(reason, inDoubtToo, options.Time.GetTimestamp());
        while (queue.TryTake(out var waiting)) waiting.Complete(new AppendOutcome(AppendEnd.Unavailable, -1, 0, reason));
    }

    private async Task CloseAsync(WriterSession? session)
    {
        if (session is null) return;
        try
        {
            await session.DisposeAsync();
        }
        catch (Exception failure)
        {
            logger.SessionCloseFailed(failure.Message);
        }
    }
}
