using EventFeatures.Core.Events;

namespace EventFeatures.Testing.Faults.Load;

/// <summary>
/// Concurrent appenders of several tempers: sole owners of a stream, who state its revision and never give up; rivals,
/// who state the revision that they believe in; and those who append whatever the state, and may leave an append in doubt.
/// </summary>
internal sealed class Appenders(IReadOnlyList<IEventLog> logs, Ledger ledger, int seed)
{
    private const int OwnerCount = 4;
    private const int RivalCount = 3;
    private const int CarelessCount = 5;
    private const int ContestedStreams = 2;
    private const int SharedStreams = 6;

    /// <summary>The streams of the careless, which one of the followers asks for.</summary>
    public const string SharedPrefix = "shared-";

    private volatile string _lastFailure = "none";

    public Task RunAsync(CancellationToken stop) => Task.WhenAll(
    [
        .. Enumerable.Range(0, OwnerCount).Select(number => Run(number, (log, random) => OwnAsync(log, random, number, stop))),
        .. Enumerable.Range(OwnerCount, RivalCount).Select(number => Run(number, (log, random) => ContestAsync(log, random, stop))),
        .. Enumerable.Range(OwnerCount + RivalCount, CarelessCount).Select(number => Run(number, (log, random) => ShareAsync(log, random, stop))),
    ]);

    /// <summary>Tries every append that is still in doubt again, with its ids, until it is answered.</summary>
    /// <returns>Whether all were within the deadline; else that is noted as wrong.</returns>
    public async Task<bool> HealAsync(TimeSpan deadline)
    {
        using var end = new CancellationTokenSource(deadline);
        try
        {
            await Parallel.ForEachAsync(
                Doubtful,
                new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = end.Token },
                async (attempt, cancellation) =>
                {
                    while (!await TryAsync(logs[0], attempt, afterDoubt: true, cancellation)) cancellation.ThrowIfCancellationRequested();
                });
            return true;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            ledger.Violate(FormattableString.Invariant($"After {deadline.TotalSeconds} s without faults, {Doubtful.Count()} appends are still in doubt, among them {Doubtful.FirstOrDefault()}; the last failure was: {_lastFailure}"));
            return false;
        }
    }

    private IEnumerable<Attempt> Doubtful => ledger.Attempts.Where(attempt => attempt.End == AttemptEnd.Doubtful);

    private Task Run(int number, Func<IEventLog, Random, Task> appender) =>
        Task.Run(() => appender(logs[number % logs.Count], new Random(HashCode(number))));

    private async Task OwnAsync(IEventLog log, Random random, int number, CancellationToken stop)
    {
        var stream = FormattableString.Invariant($"own-{seed}-{number}");
        while (!stop.IsCancellationRequested)
        {
            var revision = ledger.RevisionOf(stream);
            var attempt = Begin(stream, revision < 0 ? StreamState.NoStream : StreamState.StreamRevision(revision), random);
            if (!await UntilAnsweredAsync(log, attempt, stop)) return;
            // Nobody else writes here, so a wrong revision is an event lost or an event too many.
            if (attempt.End == AttemptEnd.Refused) ledger.Violate($"The sole owner's {attempt} was refused: the stream is at {ledger.RevisionOf(stream)}.");
            // Now and then a fresh stream, so that there are many.
            if (random.Next(40) == 0) stream = FormattableString.Invariant($"own-{seed}-{number}-{random.Next()}");
        }
    }

    private async Task ContestAsync(IEventLog log, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var stream = FormattableString.Invariant($"contested-{seed}-{random.Next(ContestedStreams)}");
            var revision = ledger.RevisionOf(stream);
            var attempt = Begin(stream, revision < 0 ? StreamState.NoStream : StreamState.StreamRevision(revision), random);
            if (!await UntilAnsweredAsync(log, attempt, stop)) return;
        }
    }

    private async Task ShareAsync(IEventLog log, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var attempt = Begin(FormattableString.Invariant($"{SharedPrefix}{seed}-{random.Next(SharedStreams)}"), StreamState.Any, random);
            using var impatient = CancellationTokenSource.CreateLinkedTokenSource(stop);
            if (random.Next(20) == 0) impatient.CancelAfter(random.Next(30));
            // Half of what fails is retried at once; the other half stays in doubt until the end.
            if (!await TryAsync(log, attempt, afterDoubt: false, impatient.Token) && random.Next(2) == 0) await UntilAnsweredAsync(log, attempt, stop, doubted: true);
        }
    }

    private async Task<bool> UntilAnsweredAsync(IEventLog log, Attempt attempt, CancellationToken stop, bool doubted = false)
    {
        while (!await TryAsync(log, attempt, doubted, stop))
        {
            if (stop.IsCancellationRequested) return false;
            doubted = true;
        }
        return true;
    }

    // True once it is answered, by success or by refusal.
    private async Task<bool> TryAsync(IEventLog log, Attempt attempt, bool afterDoubt, CancellationToken cancellation)
    {
        try
        {
            var answer = await log.AppendToStreamAsync(attempt.Stream, attempt.Expected, [.. attempt.Ids.Select(IdentifiedEvent.Of)], cancellation);
            ledger.Acknowledge(attempt, answer, afterDoubt);
            return true;
        }
        catch (WrongExpectedVersionException wrong)
        {
            ledger.Refuse(attempt, wrong.ActualRevision, afterDoubt);
            return true;
        }
        catch (Exception unknown) when (unknown is LogUnavailableException or OperationCanceledException)
        {
            if (unknown is LogUnavailableException) _lastFailure = unknown.Message;
            return false;
        }
        catch (Exception unexpected)
        {
            ledger.Violate($"The {attempt} failed in a way that no fault explains: {unexpected}");
            return false;
        }
    }

    private Attempt Begin(string stream, StreamState expected, Random random)
    {
        var ids = new Guid[random.Next(10) switch { < 6 => 1, < 9 => random.Next(2, 20), _ => random.Next(20, 120) }];
        var bytes = new byte[16];
        for (var i = 0; i < ids.Length; i++)
        {
            random.NextBytes(bytes);
            ids[i] = new Guid(bytes);
        }
        var attempt = new Attempt(stream, expected, ids);
        ledger.Begin(attempt);
        return attempt;
    }

    private int HashCode(int number) => unchecked(seed * 31 + number);
}
