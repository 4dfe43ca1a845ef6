using EventFeatures.Core.Definitions;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.TrainingSets;

namespace EventFeatures.Application.Predictions;

/// <summary>
/// Where an event ended up, and the histories of the entities that count it: as the views have them and, of a view that
/// cannot answer or was retired, as the log has them. So no view keeps another's lineage from being told, and what was
/// predicted with a version that is gone is still found.
/// </summary>
internal sealed class EventUses(RegistrySnapshot registered, IBatchViews batch, IEventLog log, int rowsMax)
{
    // Longer than a live view is behind. The log says the same, but is read for it.
    private static readonly TimeSpan CatchUpMax = TimeSpan.FromSeconds(30);

    private readonly Dictionary<ViewReference, CompiledView> _ofTheLog = [];
    private readonly EntityHistories _histories = new(log, rowsMax);

    /// <summary>The views and entities that count an event, in the log's order.</summary>
    /// <param name="eventId">The event.</param>
    /// <param name="head">The log's last position: an event up to it is found, however far behind the views are.</param>
    /// <param name="cancellation">Ends the search.</param>
    public async Task<IReadOnlyList<EventUse>> FindAsync(Guid eventId, Position head, CancellationToken cancellation)
    {
        var answers = await Task.WhenAll(registered.ProjectedViews.Select(async view => (view.Key, view.Value, Uses: await AskAsync(view.Key, eventId, head, cancellation))));
        foreach (var reference in registered.RetiredViews.Keys) _ofTheLog[reference] = registered.Views[reference];
        foreach (var (reference, view, answered) in answers)
            if (answered is null) _ofTheLog[reference] = view;
        var uses = answers.SelectMany(answer => answer.Uses ?? []).ToList();
        if (_ofTheLog.Count > 0)
        {
            // An id is that of one event, so where a view knows its stream the log needs no search.
            var streams = uses.Count > 0 ? uses.Select(use => use.StreamId).ToHashSet(StringComparer.Ordinal) : await StreamsAsync(eventId, head, cancellation);
            foreach (var stream in streams) uses.AddRange(await InStreamAsync(stream, eventId, head, cancellation));
        }
        return [.. uses.OrderBy(use => use.Position).ThenBy(use => use.View.ToString(), StringComparer.Ordinal)];
    }

    /// <summary>The rows of an entity that counts the event, by what was known of them.</summary>
    /// <returns>For a position, the rows up to it in fold order; null when a stream of the entity is gone from the log.</returns>
    public async Task<Func<Position, IReadOnlyList<FeatureRow>>?> HistoryAsync(EventUse use, Position head, CancellationToken cancellation)
    {
        if (!_ofTheLog.TryGetValue(use.View, out var view)) return new KnownRows(await batch.ReadEntityAsync(use.View, use.EntityKey, head, cancellation)).UpTo;
        try
        {
            return (await _histories.GetAsync(view, use.EntityKey, cancellation)).KnownAt;
        }
        catch (StreamDeletedException)
        {
            return null;
        }
    }

    /// <returns>Null when the view cannot answer.</returns>
    private async Task<IReadOnlyList<EventUse>?> AskAsync(ViewReference view, Guid eventId, Position head, CancellationToken cancellation)
    {
        try
        {
            await batch.CaughtUpAsync([view], head, CatchUpMax, cancellation);
            return await batch.FindEventAsync(view, eventId, cancellation);
        }
        catch (ViewUnavailableException)
        {
            return null;
        }
    }

    private async Task<HashSet<string>> StreamsAsync(Guid eventId, Position head, CancellationToken cancellation)
    {
        var streams = new HashSet<string>(StringComparer.Ordinal);
        var read = EventFilter.ByStreamPrefix([.. _ofTheLog.Values.SelectMany(view => view.Categories).Distinct().Select(category => category + "-")]);
        await foreach (var recorded in log.ReadAllAsync(ReadDirection.Forwards, Position.Start, read, cancellation: cancellation))
        {
            if (recorded.Position > head) break;
            if (recorded.EventId == eventId) streams.Add(recorded.StreamId);
        }
        return streams;
    }

    // From the stream's start: whether an event counts is decided by those before it.
    private async Task<IReadOnlyList<EventUse>> InStreamAsync(string stream, Guid eventId, Position head, CancellationToken cancellation)
    {
        var uses = new List<EventUse>();
        var admissions = _ofTheLog.Select(view => (View: view.Key, Admission: new LogAdmission(view.Value))).ToList();
        try
        {
            await foreach (var recorded in log.ReadStreamAsync(stream, cancellation: cancellation))
            {
                if (recorded.Position > head) break;
                foreach (var (view, admission) in admissions)
                    uses.AddRange(admission.Offer(recorded).Rows.Where(row => row.EventId == eventId).Select(row => new EventUse(
                        view, row.EntityKey, row.StreamId, row.Revision, row.Position, row.EventType, row.OccurredAt)));
            }
        }
        catch (StreamDeletedException)
        {
            // The log holds nothing of it any more.
        }
        return uses;
    }
}
