using EventFeatures.Api.V1;
using EventFeatures.Application.Events;
using EventFeatures.Server.Api;

namespace EventFeatures.Server.Load;

/// <summary>What an append passes before its events are checked: its producer's quota, then the way in for all calls.</summary>
internal sealed class AppendGate(Admission admission, ProducerBuckets quotas, LoadLimits limits, TimeProvider time)
{
    /// <summary>For an append in a call of its own, which is refused at once when its producer is above its quota.</summary>
    /// <exception cref="QuotaExceededException">The producer is above its quota.</exception>
    /// <exception cref="OverloadedException">There is no room for it.</exception>
    public ValueTask<Admission.Place> EnterAsync(AppendEvents append, AppendPriority priority, long bytes, CancellationToken cancellation) =>
        EnterAsync(append, priority, bytes, TimeSpan.Zero, limits.WaitMax, cancellation);

    /// <summary>For one of a stream, which is held back for a while instead: its producer cannot send the next meanwhile.</summary>
    /// <inheritdoc cref="EnterAsync(AppendEvents, AppendPriority, long, CancellationToken)"/>
    public ValueTask<Admission.Place> EnterInTurnAsync(AppendEvents append, AppendPriority priority, long bytes, CancellationToken cancellation) =>
        EnterAsync(append, priority, bytes, limits.StreamWaitMax, limits.StreamWaitMax, cancellation);

    private async ValueTask<Admission.Place> EnterAsync(
        AppendEvents append, AppendPriority priority, long bytes, TimeSpan quotaPatience, TimeSpan patience, CancellationToken cancellation)
    {
        IReadOnlyList<ProducerUse> uses = quotas.LimitNobody ? [] : UsesOf(append);
        var wait = quotas.Take(uses, quotaPatience);
        try
        {
            if (wait > TimeSpan.Zero) await Task.Delay(wait, time, cancellation);
            return await admission.EnterAsync(CallPriorities.Of(priority), bytes, patience, cancellation);
        }
        catch
        {
            quotas.GiveBack(uses);
            throw;
        }
    }

    private static IReadOnlyList<ProducerUse> UsesOf(AppendEvents append) =>
    [
        .. append.Items.GroupBy(item => Callers.Producer(item.Producer ?? append.Producer), StringComparer.Ordinal)
            .Select(group => new ProducerUse(group.Key, group.Count(), group.Sum(item => (long)item.Data.Length))),
    ];
}
