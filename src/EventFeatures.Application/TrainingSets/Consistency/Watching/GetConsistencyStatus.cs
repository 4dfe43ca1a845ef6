using EventFeatures.Core.Events;
using EventFeatures.Core.Monitoring;
using EventFeatures.Core.Time;
using MediatR;

namespace EventFeatures.Application.TrainingSets.Consistency.Watching;

/// <summary>How far comparing in the background has come, whichever process does it.</summary>
public sealed record GetConsistencyStatus : IRequest<ConsistencyStatus?>;

/// <summary>What comparing in the background has come to since it began.</summary>
/// <param name="Worker">The process that does it now; null while none does.</param>
/// <param name="Position">Up to where every prediction was compared.</param>
/// <param name="Served">Predictions' vectors.</param>
/// <param name="Online">The online views' vectors, over all passes.</param>
/// <param name="WithoutFeatures">Predictions that fell back before any feature was read.</param>
/// <param name="NotComparable">Predictions whose definitions are gone.</param>
/// <param name="Passes">How often every online vector was compared.</param>
/// <param name="PassEndedAt">When the last pass ended; null before the first.</param>
/// <param name="Mismatches">What differed, by path and feature.</param>
public sealed record ConsistencyStatus(
    string? Worker, Position Position, PathCounts Served, PathCounts Online, long WithoutFeatures, long NotComparable, long Passes, Instant? PassEndedAt, IReadOnlyList<FeatureMismatch> Mismatches);

internal sealed class GetConsistencyStatusHandler(ISharedWork work) : IRequestHandler<GetConsistencyStatus, ConsistencyStatus?>
{
    /// <returns>Null where it never began.</returns>
    public async Task<ConsistencyStatus?> Handle(GetConsistencyStatus request, CancellationToken cancellationToken)
    {
        if (await work.ReadAsync(WatchState.Work, cancellationToken) is not { } kept) return null;
        var state = WatchState.Read(kept.State);
        return new ConsistencyStatus(
            kept.Worker, state.Position, state.Served, state.Online, state.WithoutFeatures, state.NotComparable, state.Passes, state.PassEndedAt == 0 ? null : new Instant(state.PassEndedAt),
            [.. state.Mismatches.Select(one => new FeatureMismatch(one.Path, one.Feature, one.Count, one.Example))]);
    }
}
