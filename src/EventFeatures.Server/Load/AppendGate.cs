using EventFeatures.Api.V1;
using EventFeatures.Application.Events;
using EventFeatures.Application.Pipeline;
using EventFeatures.Server.Api;

namespace EventFeatures.Server.Load;

/// <summary>What an append passes before its events are checked: its producer's quota, then the way in for all calls.</summary>
internal sealed class AppendGate(Admission admission, ProducerBuckets quotas, LoadLimits limits, TimeProvider time)
{
    /// <summary>For an append in a call of its own, which is refused at once when its producer is above its quota.</summary>
    /// <exception cref="QuotaExceededException">The producer is above its quota.</exception>
    /// <exception cref="OverloadedException">There is no room for it.</exception>
    /// <exception cref="CommandInvalidException">A producer's name is too long to be remembered.</exception>
    public ValueTask<Admission.Place> EnterAsync(AppendEvents append, AppendPriority priority, long bytes, CancellationToken cancellation) =>
        EnterAsync(append, priority, bytes, TimeSpan.Zero, limits.WaitMax, cancellation);

    /// <summary>For one of a stream, which is held back for a while instead: its producer cannot send the next meanwhile.</summary>
    /// <inheritdoc cref="EnterAsync(AppendEvents, AppendPriority, long, CancellationToken)"/>
    public ValueTask<Admission.Place> EnterInTurnAsync(AppendEvents append, AppendPriority priority, long bytes, CancellationToken cancellation) =>
        EnterAsync(append, priority, bytes, limits.StreamWaitMax, limits.StreamWaitMax, cancellation);

    private async ValueTask<Admission.Place> EnterAsync(
        AppendEvents append, AppendPriority priority, long bytes, TimeSpan quotaPatience, TimeSpan patience, CancellationToken cancellation)
    {
        if (!quotas.LimitNobody) RefuseLongNames(append);
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

    // The check of the whole append comes after its quota, which would remember the names until then and beyond.
    private static void RefuseLongNames(AppendEvents append)
    {
        if (IsLong(append.Producer)) throw TooLong("producer");
        for (var index = 0; index < append.Items.Count; index++)
            if (IsLong(append.Items[index].Producer)) throw TooLong(FormattableString.Invariant($"items[{index}].producer"));
    }

    private static bool IsLong(string? producer) => producer is { Length: > ProducerQuotas.NameLengthMax };

    private static CommandInvalidException TooLong(string field) => new(nameof(AppendEvents), [new CommandFailure(field, ProducerQuotas.NameTooLong)]);

    private static IReadOnlyList<ProducerUse> UsesOf(AppendEvents append) =>
    [
        .. append.Items.GroupBy(item => Callers.Producer(item.Producer ?? append.Producer), StringComparer.Ordinal)
            .Select(group => new ProducerUse(group.Key, group.Count(), group.Sum(item => (long)item.Data.Length))),
    ];
}
