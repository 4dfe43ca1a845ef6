using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Application.Predictions;

/// <summary>
/// Entities' histories as the log has them, not the views: each stream is read once and then serves every prediction
/// of its entity. Keeps the most recently used up to a number of rows.
/// </summary>
internal sealed class EntityHistories(IEventLog log, int rowsMax)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(CompiledView View, string Key), LinkedListNode<Slot>> _slots = [];
    private readonly LinkedList<Slot> _recent = [];
    private long _rows;

    /// <summary>The history of one entity in one view.</summary>
    /// <exception cref="StreamDeletedException">The entity's stream was tombstoned.</exception>
    public async Task<EntityHistory> GetAsync(CompiledView view, string entityKey, CancellationToken cancellation)
    {
        Slot slot;
        lock (_lock)
        {
            if (_slots.TryGetValue((view, entityKey), out var node)) _recent.Remove(node);
            else _slots[(view, entityKey)] = node = new LinkedListNode<Slot>(new Slot(view, entityKey, new(() => EntityHistory.ReadAsync(log, view, entityKey, cancellation))));
            _recent.AddLast(node);
            slot = node.Value;
        }
        try
        {
            var history = await slot.History.Value;
            Account(slot, history);
            return history;
        }
        catch
        {
            Forget(slot);
            throw;
        }
    }

    private void Account(Slot slot, EntityHistory history)
    {
        lock (_lock)
        {
            if (!slot.IsCounted) _rows += history.Count;
            slot.IsCounted = true;
            while (_rows > rowsMax && _recent.First is { } oldest && oldest.Value != slot && oldest.Value.IsCounted)
                Remove(oldest);
        }
    }

    private void Forget(Slot slot)
    {
        lock (_lock)
            if (_slots.TryGetValue((slot.View, slot.Key), out var node) && node.Value == slot) Remove(node);
    }

    private void Remove(LinkedListNode<Slot> node)
    {
        _recent.Remove(node);
        _slots.Remove((node.Value.View, node.Value.Key));
        if (node.Value.IsCounted) _rows -= node.Value.History.Value.Result.Count;
    }

    private sealed class Slot(CompiledView view, string key, Lazy<Task<EntityHistory>> history)
    {
        public CompiledView View { get; } = view;

        public string Key { get; } = key;

        public Lazy<Task<EntityHistory>> History { get; } = history;

        public bool IsCounted { get; set; }
    }
}
