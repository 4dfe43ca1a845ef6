using System.Text.Json;
using EventFeatures.Core.Events;
using EventFeatures.Core.Predictions;

namespace EventFeatures.Application.Predictions;

/// <summary>
/// Replays predictions in as few passes over the log as memory allows: all at once where the histories that they need
/// fit, else half of them, and so on. Where every entity is a stream there is nothing to pass over.
/// </summary>
/// <param name="predictions">The predictions from a position to another, both included, in the log's order.</param>
/// <param name="replayer">Knows which histories a prediction needs.</param>
/// <param name="histories">Holds them.</param>
/// <param name="replay">Replays the predictions of a range.</param>
internal sealed class ReplayRanges(
    Func<Position, Position, IAsyncEnumerable<RecordedEvent>> predictions, Replayer replayer, EntityHistories histories,
    Func<IAsyncEnumerable<RecordedEvent>, Task> replay)
{
    public async Task RunAsync(Position from, Position to, CancellationToken cancellation)
    {
        if (!replayer.NeedsPasses)
        {
            await replay(predictions(from, to));
            return;
        }
        var needs = await NeedsAsync(from, to, cancellation);
        if (needs.Places.Count == 0) return;
        var middle = needs.Places.Count / 2;
        if (await histories.LoadAsync(needs.Entities, needs.Until, whateverItTakes: middle == 0, cancellation))
        {
            await replay(predictions(needs.Places[0], needs.Places[^1]));
            return;
        }
        await RunAsync(needs.Places[0], needs.Places[middle - 1], cancellation);
        await RunAsync(needs.Places[middle], needs.Places[^1], cancellation);
    }

    private async Task<Needs> NeedsAsync(Position from, Position to, CancellationToken cancellation)
    {
        var (places, entities, until) = (new List<Position>(), new HashSet<EntityInView>(), Position.Start);
        await foreach (var recorded in predictions(from, to).WithCancellation(cancellation))
        {
            if (places.Count == 0 || places[^1] != recorded.Position) places.Add(recorded.Position);
            foreach (var (entity, knownAt) in EntitiesOf(recorded))
            {
                entities.Add(entity);
                if (knownAt > until) until = knownAt;
            }
        }
        return new Needs(places, entities, until);
    }

    private IReadOnlyList<(EntityInView Entity, Position KnownAt)> EntitiesOf(RecordedEvent recorded)
    {
        try
        {
            return replayer.ScatteredEntities(PredictionJson.Read(recorded.Data));
        }
        catch (JsonException)
        {
            // Its replay will say so.
            return [];
        }
    }

    /// <param name="Places">The positions of the predictions, each once: a log is read from its events' own positions.</param>
    /// <param name="Entities">Whose histories they need.</param>
    /// <param name="Until">The last position that any of them knew of.</param>
    private sealed record Needs(List<Position> Places, HashSet<EntityInView> Entities, Position Until);
}
