namespace EventFeatures.Log.Client;

/// <summary>
/// Work that all its callers need once: the first begins it, those who come meanwhile wait for the same, and its
/// result or its failure is everyone's. Otherwise each would find out for itself, after the one before, that nobody answers.
/// </summary>
/// <param name="work">What is done; it ends by a deadline of its own, since no caller's cancellation ends it.</param>
internal sealed class SharedTry<T>(Func<Task<T>> work)
{
    private readonly Lock _gate = new();
    private Task<T>? _running;

    /// <summary>Begins the work, or waits for what is under way.</summary>
    /// <param name="cancellation">Ends this caller's wait alone.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled; the work goes on for the others.</exception>
    public Task<T> RunAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Task<T> running;
        lock (_gate)
        {
            if (_running is not { IsCompleted: false }) _running = Begin();
            running = _running;
        }
        return running.WaitAsync(cancellation);
    }

    private Task<T> Begin()
    {
        var begun = Task.Run(work);
        // When all who waited have cancelled, nobody else looks at its failure.
        _ = begun.ContinueWith(
            static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return begun;
    }
}
