using System.Security.Cryptography;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.Telemetry;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>
/// Carries a view over failures of the log and of the database: each step is tried again after growing, jittered
/// pauses. After so many failures in a row the view is called stopped, with its reason, and tries on at the longest
/// pause until it is healed or disposed of.
/// </summary>
internal sealed class ViewHealth(ViewReference view, ViewsOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>The step of a whole run; it is healed once a later run has caught up.</summary>
    public const string Run = "run";

    /// <summary>The one step without which a view still moves on, in memory.</summary>
    public const string Commit = "commit";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _faults = [];

    /// <summary>Why the view is stopped; null while it is not.</summary>
    public string? Fault
    {
        get { lock (_gate) return _faults.Count == 0 ? null : string.Join(" ", _faults.Values); }
    }

    /// <summary>Why nothing can be committed; null while it can.</summary>
    public string? CommitFault
    {
        get { lock (_gate) return _faults.GetValueOrDefault(Commit); }
    }

    /// <summary>Why nothing new becomes visible; null while it does.</summary>
    public string? FoldFault
    {
        get { lock (_gate) return _faults.Keys.All(step => step == Commit) ? null : string.Join(" ", _faults.Values); }
    }

    public Task TryAsync(string step, Func<string> where, Func<CancellationToken, Task> attempt, CancellationToken cancellation) =>
        TryAsync(step, where, async token =>
        {
            await attempt(token);
            return true;
        }, cancellation);

    public async Task<T> TryAsync<T>(string step, Func<string> where, Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                var result = await attempt(cancellation);
                Healed(step);
                return result;
            }
            catch (Exception exception) when (exception is not ViewConflictException && !cancellation.IsCancellationRequested)
            {
                await FailedAsync(step, where(), exception, failures, cancellation);
            }
        }
    }

    /// <summary>Notes a failure and pauses before the next attempt.</summary>
    public Task FailedAsync(string step, string where, Exception exception, int failures, CancellationToken cancellation)
    {
        ViewsLog.StepFailed(logger, view.ToString(), step, where, failures, exception);
        if (failures >= options.FailuresMax) Stop(step, where, exception);
        return Task.Delay(Pause(failures), time, cancellation);
    }

    public void Stop(string step, string where, Exception exception)
    {
        lock (_gate)
            _faults[step] = $"View '{view}' cannot {step} {where}: {exception.Message.TrimEnd('.')}. It tries again at least every {options.RetryDelayMax.TotalSeconds:0.###} s.";
    }

    public void Healed(string step)
    {
        lock (_gate)
            if (_faults.Remove(step)) ViewsLog.StepHealed(logger, view.ToString(), step);
    }

    /// <summary>
    /// A new run begins, and none of the steps in which the one before it failed goes on. Why that one ended stays a fault
    /// until the new one has caught up, which one that owns nothing need not.
    /// </summary>
    public void Begun(bool ownsNothing)
    {
        List<string> over;
        lock (_gate) over = [.. _faults.Keys.Where(step => ownsNothing || step != Run)];
        foreach (var step in over) Healed(step);
    }

    private TimeSpan Pause(int failures)
    {
        var longest = Math.Min(options.RetryDelayMin.TotalMilliseconds * Math.Pow(2, failures - 1), options.RetryDelayMax.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(longest * (0.5 + RandomNumberGenerator.GetInt32(500) / 1000.0));
    }
}

/// <summary>The database is not as this process left it: trying again does not help, starting again does.</summary>
internal class ViewConflictException(string message) : Exception(message);
