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
    private readonly Queue<AppendRequest> _redo = [];
    private Task _commit = Task.CompletedTask;
    private CommitBatch? _inFlight;
    private CommitBatch? _preparing;
    private Task<bool>? _more;

    // How many unfinished appends are still to be tried one by one, after PostgreSQL refused a batch's content.
    private int _apart;
    private string? _lastFailure;

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
                var failed = await GatherUnfinishedAsync(failure);
                await CloseAsync(session);
                session = null;
                SetApart(failed);
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
        if (_redo.Count > 0) return true;
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
        if (_redo.Count > 0 || queue.Events > 0) return true;
        if (_commit.IsCompleted) return false;
        _more ??= queue.WaitAsync(stop).AsTask();
        if (await Task.WhenAny(_more, _commit) == _commit) return false;
        var more = await _more;
        _more = null;
        return more;
    }

    private void Fill(CommitBatch batch)
    {
        ExpireUnfinished();
        if (_apart > 0 && _redo.Count > 0)
        {
            _apart--;
            batch.Add(_redo.Dequeue());
            batch.Close();
            return;
        }
        while (!batch.IsFull && _redo.TryDequeue(out var unfinished)) batch.Add(unfinished);
        while (!batch.IsFull && queue.TryTake(out var request)) batch.Add(request);
    }

    // One whose look-up fails each time would otherwise be looked up for ever, and hold up those beside it.
    private void ExpireUnfinished()
    {
        var timestamp = options.Time.GetTimestamp();
        var (left, apart) = (_redo.Count, _apart);
        for (var number = 0; number < left; number++)
        {
            var request = _redo.Dequeue();
            if (request.Deadline > timestamp)
            {
                _redo.Enqueue(request);
                continue;
            }
            request.Complete(Expired(request));
            if (number < apart) _apart--;
        }
    }

    private async Task DecideAsync(AppendDecider decider, CommitBatch batch, CancellationToken stop)
    {
        await _heads.LoadAsync(batch, stop);
        var now = (options.Time.GetUtcNow().Ticks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        var timestamp = options.Time.GetTimestamp();
        for (; batch.Decided < batch.Requests.Count; batch.Decided++)
        {
            var request = batch.Requests[batch.Decided];
            if (request.Deadline <= timestamp) request.Outcome = Expired(request);
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
    private async Task<Failed> GatherUnfinishedAsync(Exception? failure)
    {
        await _commit.ContinueWith(ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        List<AppendRequest> unfinished = [];
        var isCommitted = _commit.IsCompletedSuccessfully;
        var failed = isCommitted ? new Failed(_preparing, failure, InLookUp: true) : new Failed(_inFlight, _commit.Exception?.InnerException, InLookUp: false);
        if (!isCommitted && _inFlight is { } inFlight) unfinished.AddRange(inFlight.Requests);
        if (_preparing is { } preparing) unfinished.AddRange(preparing.Requests);
        unfinished.AddRange(_redo);
        _redo.Clear();
        foreach (var request in unfinished) _redo.Enqueue(request);
        (_commit, _inFlight, _preparing) = (Task.CompletedTask, null, null);
        _heads.Forget();
        return failed;
    }

    // One append whose content PostgreSQL does not take must not hold up the others: each is tried alone, and the
    // one that is refused alone is answered with the reason.
    private void SetApart(Failed failed)
    {
        _lastFailure = failed.By?.Message;
        if (failed is not { Batch: { } batch, By: PostgresException refused } || !IsAboutContent(refused.SqlState)) return;
        if (batch.Requests.Count == 1)
        {
            var alone = _redo.Dequeue();
            // A commit is only tried once a look-up found that no earlier one landed.
            alone.Complete(alone.InDoubt && failed.InLookUp ? Expired(alone) : new AppendOutcome(AppendEnd.Refused, -1, 0, $"PostgreSQL does not take the append: {refused.MessageText}"));
        }
        _apart = _redo.Count;
    }

    // Classes 22, data exception, and 54, program limit exceeded.
    private static bool IsAboutContent(string sqlState) =>
        sqlState.StartsWith("22", StringComparison.Ordinal) || sqlState.StartsWith("54", StringComparison.Ordinal);

    private void Refuse(string reason, bool inDoubtToo)
    {
        var timestamp = options.Time.GetTimestamp();
        for (var left = _redo.Count; left > 0; left--)
        {
            var request = _redo.Dequeue();
            if (inDoubtToo || !request.InDoubt || request.Deadline <= timestamp)
                request.Complete(new AppendOutcome(AppendEnd.Unavailable, -1, 0, reason));
            else
                _redo.Enqueue(request);
        }
        while (queue.TryTake(out var waiting)) waiting.Complete(new AppendOutcome(AppendEnd.Unavailable, -1, 0, reason));
    }

    private AppendOutcome Expired(AppendRequest request) =>
        request.InDoubt
            ? new AppendOutcome(AppendEnd.Unavailable, -1, 0, $"PostgreSQL failed while the append was committed ({_lastFailure}); its outcome is unknown. Retry with the same event ids.")
            : new AppendOutcome(AppendEnd.TimedOut, -1, 0);

    /// <summary>What failed, and in which batch: as it was committed, or as it was looked up before.</summary>
    private readonly record struct Failed(CommitBatch? Batch, Exception? By, bool InLookUp);

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
