using EventFeatures.Application.Events.Moving;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Application.Predictions;

/// <summary>
/// One pass over the log for the histories of entities whose events may stand in any stream: those of views that are
/// keyed by payload fields. No index is trusted, so an event that the views lost is found here.
/// </summary>
/// <remarks>
/// Beside the rows it holds the ids of all events of the views' contracts, some 40 bytes each, since any later event
/// may repeat one.
/// </remarks>
internal sealed class LogPass
{
    // The log names a stream's metadata stream so.
    private const string MetadataPrefix = "$$";

    private readonly List<ViewPass> _views;

    /// <param name="wanted">The entities, each in its view.</param>
    public LogPass(IEnumerable<EntityInView> wanted) =>
        _views = [.. wanted.Distinct().GroupBy(entity => entity.View).Select(view => new ViewPass(view.Key, view.Select(entity => entity.Key)))];

    /// <summary>How many rows were found.</summary>
    public long Rows { get; private set; }

    /// <summary>Reads from the log's start to its end.</summary>
    /// <param name="log">The log.</param>
    /// <param name="until">The last position of which events count.</param>
    /// <param name="rowsMax">How many rows may be held.</param>
    /// <param name="cancellation">Ends the pass.</param>
    /// <returns>The histories; <see langword="null"/> when there are more rows than may be held.</returns>
    public async Task<IReadOnlyDictionary<EntityInView, EntityHistory>?> ReadAsync(IEventLog log, Position until, long rowsMax, CancellationToken cancellation)
    {
        string[] prefixes = [.. _views.SelectMany(view => view.View.Categories).Distinct().Select(category => category + "-")];
        var filter = EventFilter.ByStreamPrefix([.. prefixes, .. prefixes.Select(prefix => MetadataPrefix + prefix)]);
        var next = new Dictionary<string, long>(StringComparer.Ordinal);
        var emptied = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var recorded in log.ReadAllAsync(ReadDirection.Forwards, Position.Start, filter, cancellation: cancellation))
        {
            // What takes events away may come later than they, and than anybody's last position.
            if (recorded.StreamId.StartsWith(MetadataPrefix, StringComparison.Ordinal)) emptied.Add(recorded.StreamId[MetadataPrefix.Length..]);
            else if (recorded.Position <= until)
            {
                var isTruncated = recorded.Revision != next.GetValueOrDefault(recorded.StreamId) || CopiedEvents.IsPlaceholder(recorded);
                next[recorded.StreamId] = recorded.Revision + 1;
                foreach (var view in _views) Rows += view.Take(recorded, isTruncated);
                if (Rows > rowsMax) return null;
            }
        }
        emptied.ExceptWith(next.Keys);
        foreach (var view in _views) view.Miss(emptied);
        return _views.SelectMany(view => view.Histories()).ToDictionary();
    }

    /// <summary>The pass as one view sees it.</summary>
    private sealed class ViewPass(CompiledView view, IEnumerable<string> keys)
    {
        private readonly LogAdmission _admission = new(view);
        private readonly Dictionary<string, List<FeatureRow>> _rows = keys.ToDictionary(key => key, _ => new List<FeatureRow>(), StringComparer.Ordinal);
        private bool _isTruncated;

        public CompiledView View => view;

        public int Take(RecordedEvent recorded, bool isTruncated)
        {
            // Whose events are gone cannot be told, nor of what type they were, so it may have been any entity's.
            _isTruncated |= isTruncated && Reads(recorded.StreamId);
            var taken = 0;
            foreach (var row in _admission.Offer(recorded).Rows)
            {
                if (!_rows.TryGetValue(row.EntityKey, out var rows)) continue;
                rows.Add(row);
                taken++;
            }
            return taken;
        }

        // A stream with metadata and without any event may have had some before.
        public void Miss(IEnumerable<string> emptied) =>
            _isTruncated |= emptied.Any(Reads);

        private bool Reads(string stream) => view.Categories.Any(category => stream.StartsWith(category + "-", StringComparison.Ordinal));

        public IEnumerable<KeyValuePair<EntityInView, EntityHistory>> Histories() => _rows.Select(entity =>
            KeyValuePair.Create(new EntityInView(view, entity.Key), new EntityHistory([.. entity.Value], _isTruncated)));
    }
}

/// <summary>An entity as one view knows it.</summary>
internal readonly record struct EntityInView(CompiledView View, string Key);
