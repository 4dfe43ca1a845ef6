using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Application.FeatureServices.Subscriptions;

/// <summary>Finds whose vectors an event changes, among those that a subscriber wants.</summary>
internal sealed class ChangeRoutes
{
    private readonly CompiledService _service;
    private readonly IReadOnlyList<IReadOnlyList<string>>? _wanted;

    /// <param name="service">The service.</param>
    /// <param name="wanted">Sets of keys, each in the order of the service's views; null for every entity of a service of one.</param>
    public ChangeRoutes(CompiledService service, IReadOnlyList<IReadOnlyList<string>>? wanted) => (_service, _wanted) = (service, wanted);

    /// <summary>The streams that hold what can change a vector.</summary>
    public EventFilter Filter => EventFilter.ByStreamPrefix([.. _service.Views.SelectMany(view => view.View.Categories).Distinct().Select(category => category + "-")]);

    /// <summary>
    /// The keys of the vectors that an event changes, each in the order of the service's views. Whether a view counts the
    /// event is the view's to say; where it does not, the vector is sent as it was.
    /// </summary>
    public IEnumerable<IReadOnlyList<string>> Of(RecordedEvent recorded)
    {
        var touched = new HashSet<(int View, string Key)>();
        for (var i = 0; i < _service.Views.Count; i++)
            foreach (var key in KeysOf(_service.Views[i].View, recorded)) touched.Add((i, key));
        if (touched.Count == 0) return [];
        return _wanted is null
            ? touched.Select(one => one.Key).Distinct().Select(key => (IReadOnlyList<string>)[.. _service.Views.Select(_ => key)])
            : _wanted.Where(keys => touched.Any(one => keys[one.View] == one.Key));
    }

    private static IEnumerable<string> KeysOf(CompiledView view, RecordedEvent recorded)
    {
        try
        {
            return view.Read(recorded) switch
            {
                RowReading.Row { Value: var row } => [row.EntityKey],
                RowReading.Rows { Values: var rows } => rows.Select(row => row.EntityKey),
                _ => [],
            };
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The view cannot stand this event either: it keeps it aside with the reason, and no row changes.
            return [];
        }
    }
}
