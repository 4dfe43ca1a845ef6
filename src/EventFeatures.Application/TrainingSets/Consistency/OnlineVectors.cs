using EventFeatures.Core.Entities;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;
using EventFeatures.Core.TrainingSets;

namespace EventFeatures.Application.TrainingSets.Consistency;

/// <summary>Reads an online view for every entity with an event in a period, and derives the same from the batch view.</summary>
internal sealed class OnlineVectors(IOnlineViews online, IBatchViews batch)
{
    private const int TellEvery = 1_000;

    /// <param name="view">The view.</param>
    /// <param name="keys">Whose vectors; null for every entity's.</param>
    /// <param name="period">Entities with an event in it, read at their newest one.</param>
    /// <param name="head">A position that the view has reached.</param>
    /// <param name="tally">Counts.</param>
    /// <param name="compared">Hears how many were compared.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task CheckAsync(
        CompiledView view, IReadOnlyCollection<string>? keys, (Instant? From, Instant? To) period, Position head, ConsistencyTally tally, Action<long> compared, CancellationToken cancellation)
    {
        var reference = new ViewReference(view.View.Name, view.View.Version);
        var count = 0L;
        await foreach (var entity in batch.ReadEntitiesAsync(reference, keys, head, cancellation))
        {
            if (NewestIn(entity.Rows, period) is not { } asOf) continue;
            if (await ReadAsync(reference, entity.EntityKey, asOf, tally, cancellation) is not { } reading) continue;
            // Events may have come since; the answer says up to which position it knows.
            var rows = reading.KnownAt <= head
                ? new KnownRows(entity.Rows).UpTo(reading.KnownAt)
                : await batch.ReadEntityAsync(reference, entity.EntityKey, reading.KnownAt, cancellation);
            var derived = view.Evaluate(rows, asOf);
            tally.Compared(ConsistencyTally.Online, derived.Count);
            for (var i = 0; i < derived.Count; i++)
                if (reading.Values[i] != derived[i])
                    tally.Differs(ConsistencyTally.Online, $"{view.View.Name}__{view.View.Features[i].Name}",
                        $"{reference} of {EntityKeys.ToText(entity.EntityKey)} as of {asOf} at position {reading.KnownAt} answers {Text(reading.Values[i])}, but the batch path gives {Text(derived[i])}");
            if (++count % TellEvery == 0) compared(count);
        }
        compared(count);
    }

    // A state that was damaged is a finding, and no reason to compare nothing after it.
    private async ValueTask<ViewReading?> ReadAsync(ViewReference view, string entityKey, Instant asOf, ConsistencyTally tally, CancellationToken cancellation)
    {
        try
        {
            return await online.ReadAsync(view, entityKey, asOf, cancellation: cancellation);
        }
        catch (ViewUnavailableException unavailable) when (unavailable.InnerException is StateCorruptException)
        {
            tally.Compared(ConsistencyTally.Online, 0);
            tally.Differs(ConsistencyTally.Online, view.Name, $"{view} of {EntityKeys.ToText(entityKey)} cannot be read: {unavailable.InnerException.Message}");
            return null;
        }
    }

    private static Instant? NewestIn(IReadOnlyList<FeatureRow> rows, (Instant? From, Instant? To) period)
    {
        for (var i = rows.Count - 1; i >= 0 && !(rows[i].OccurredAt < period.From); i--)
            if (!(rows[i].OccurredAt > period.To)) return rows[i].OccurredAt;
        return null;
    }

    private static string Text(FeatureValue value) => $"{value.Value} {FeatureValue.Name(value.Status)}{(value.OccurredAt is { } at ? $" of {at}" : "")}";
}
