using EventFeatures.Core.Definitions;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Application.FeatureViews;

/// <summary>What each view admits of a file's events, by entity, and what no view counts.</summary>
internal sealed class AdmittedHistory
{
    private readonly IReadOnlyList<ServiceView> _views;
    private readonly List<Dictionary<string, EntityHistory>> _rows = [];
    private readonly SortedSet<(int Line, string Code, string Detail)> _notCounted = [];

    public AdmittedHistory(RegistrySnapshot registry, IReadOnlyList<ServiceView> views, FileLog log)
    {
        _views = views;
        foreach (var view in views) _rows.Add(Admit(view.View, log));
        foreach (var recorded in log.Streams.Values.SelectMany(stream => stream))
            if (!registry.Contracts.Values.Any(contract => contract.EventTypes.ContainsKey(recorded.Type) && recorded.StreamId.StartsWith(contract.Category + "-", StringComparison.Ordinal)))
                _notCounted.Add((log.LineOf[(int)recorded.Position.Value - 1], "contract-unknown", $"No contract covers the event type '{recorded.Type}' in stream '{recorded.StreamId}'."));
    }

    public IReadOnlyList<EventNotCounted> NotCounted => [.. _notCounted.Select(one => new EventNotCounted(one.Line, one.Code, one.Detail))];

    /// <summary>The rows of a spine line's entity, of which those at or before its time are all that it knows of.</summary>
    public IReadOnlyList<FeatureRow> Known(int view, SpineLine line) =>
        _rows[view].TryGetValue(line.KeyOf(_views[view].Entity), out var history) ? history.Known(line) : [];

    private Dictionary<string, EntityHistory> Admit(CompiledView view, FileLog log)
    {
        var admitted = view.Admit(log.Streams.Values.SelectMany(stream => stream));
        foreach (var refused in admitted.Refused.Concat(admitted.Unkeyed))
            _notCounted.Add((log.LineOf[(int)refused.Event.Position.Value - 1], refused.Code, refused.Detail));
        // The rows are in fold order, and so are those of each entity.
        return admitted.Rows.GroupBy(row => row.EntityKey).ToDictionary(entity => entity.Key, entity => new EntityHistory([.. entity]));
    }
}
