using EventFeatures.Api.V1;
using EventFeatures.Application.Predictions;
using EventFeatures.Core.Predictions;
using ResultMessage = EventFeatures.Api.V1.ReplayResult;
using ValueMessage = EventFeatures.Api.V1.Value;

namespace EventFeatures.Server.Api;

internal static class ReplayMessages
{
    public static IEnumerable<ReplayResponse> Of(ReplayUpdate update)
    {
        if (update.Verdict is { } verdict) yield return new ReplayResponse { Result = ToMessage(verdict) };
        yield return update.Finished
            ? new ReplayResponse { Summary = Summary(update.Counts) }
            : new ReplayResponse { Progress = new ReplayProgress { Done = update.Counts.Done, Total = update.Total ?? 0 } };
    }

    private static ReplaySummary Summary(ReplayCounts counts) => new()
    {
        Total = counts.Done,
        Reproduced = counts.Reproduced,
        Diverged = counts.Diverged,
        Unreproducible = counts.Unreproducible,
        NotComparable = counts.NotComparable,
    };

    private static ResultMessage ToMessage(ReplayVerdict verdict) => new()
    {
        PredictionId = verdict.PredictionId,
        Verdict = ReplayVerdict.Name(verdict.Result),
        Code = verdict.Code,
        Detail = verdict.Detail,
        EventsFolded = verdict.EventsFolded,
        Divergences = { verdict.Differences.Select(ToMessage) },
    };

    private static Divergence ToMessage(ReplayDifference difference)
    {
        var message = new Divergence
        {
            Name = difference.What,
            Recorded = new ValueMessage { Text = difference.Recorded },
            Replayed = new ValueMessage { Text = difference.Replayed },
            FromEvent = difference.FromEvent is { } from ? LineageMessages.Of(from) : null,
        };
        if (difference.UlpDistance is { } ulps) message.Ulps = ulps;
        return message;
    }
}
