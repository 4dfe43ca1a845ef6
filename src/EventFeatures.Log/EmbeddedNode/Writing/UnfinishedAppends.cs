using Npgsql;

namespace EventFeatures.Log.EmbeddedNode.Writing;

/// <summary>
/// Appends that were begun and not answered when storage failed, in their old order, until they are decided again. One
/// whose content PostgreSQL does not take must not hold up the others: after such a failure each is tried alone, and the
/// one that is refused alone is answered with the reason.
/// </summary>
internal sealed class UnfinishedAppends
{
    private readonly Queue<AppendRequest> _requests = [];

    // How many of the first ones are still to be tried one by one.
    private int _apart;
    private string? _lastFailure;

    public int Count => _requests.Count;

    /// <summary>Whether the next one is to be tried alone.</summary>
    public bool NextIsApart => _apart > 0 && _requests.Count > 0;

    /// <summary>Takes the next one.</summary>
    public bool TryTake(out AppendRequest request)
    {
        if (_requests.TryDequeue(out request!))
        {
            if (_apart > 0) _apart--;
            return true;
        }
        return false;
    }

    /// <summary>Puts appends before those that are left.</summary>
    public void Return(IEnumerable<AppendRequest> begun)
    {
        AppendRequest[] left = [.. _requests];
        _requests.Clear();
        foreach (var request in begun.Concat(left)) _requests.Enqueue(request);
    }

    /// <summary>Notes what failed, once its appends were returned.</summary>
    public void Note(Failure failure)
    {
        _lastFailure = failure.By?.Message;
        if (failure is not { Batch: { } batch, By: PostgresException refused } || !IsAboutContent(refused.SqlState)) return;
        if (batch.Requests.Count == 1)
        {
            var alone = _requests.Dequeue();
            // A commit is only tried once a look-up found that no earlier one landed.
            alone.Complete(alone.InDoubt && failure.InLookUp ? Expired(alone) : new AppendOutcome(AppendEnd.Refused, -1, 0, $"PostgreSQL does not take the append: {refused.MessageText}"));
        }
        _apart = _requests.Count;
    }

    /// <summary>
    /// Answers those whose deadline has passed: one whose look-up fails each time would otherwise be looked up for ever, and
    /// hold up those beside it.
    /// </summary>
    public void Expire(long timestamp) => Answer(request => request.Deadline <= timestamp ? Expired(request) : null);

    /// <summary>Answers those that need not be kept while storage is away: what is in doubt is, until its deadline.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="inDoubtToo">Whether nothing is tried again.</param>
    /// <param name="timestamp">Now.</param>
    public void Refuse(string reason, bool inDoubtToo, long timestamp) => Answer(request =>
        inDoubtToo || !request.InDoubt || request.Deadline <= timestamp ? new AppendOutcome(AppendEnd.Unavailable, -1, 0, reason) : null);

    /// <summary>The outcome of an append whose deadline has passed.</summary>
    public AppendOutcome Expired(AppendRequest request) =>
        request.InDoubt
            ? new AppendOutcome(AppendEnd.Unavailable, -1, 0, $"PostgreSQL failed while the append was committed ({_lastFailure}); its outcome is unknown. Retry with the same event ids.")
            : new AppendOutcome(AppendEnd.TimedOut, -1, 0);

    // Those that are not answered keep their order.
    private void Answer(Func<AppendRequest, AppendOutcome?> outcomeOf)
    {
        var (left, apart) = (_requests.Count, _apart);
        for (var number = 0; number < left; number++)
        {
            var request = _requests.Dequeue();
            if (outcomeOf(request) is not { } outcome)
            {
                _requests.Enqueue(request);
                continue;
            }
            if (number < apart) _apart--;
            request.Complete(outcome);
        }
    }

    // Classes 22, data exception, and 54, program limit exceeded.
    private static bool IsAboutContent(string sqlState) =>
        sqlState.StartsWith("22", StringComparison.Ordinal) || sqlState.StartsWith("54", StringComparison.Ordinal);

    /// <summary>What failed, and in which batch: as it was committed, or as it was looked up before.</summary>
    public readonly record struct Failure(CommitBatch? Batch, Exception? By, bool InLookUp);
}
