using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;

namespace EventFeatures.Application.Predictions;

/// <summary>
/// Entities' histories as the log has them, not the views. Where streams are entities, each stream is read once and
/// then serves every prediction of its entity; the most recently used are kept, up to a number of rows. Of other views
/// one pass over the log serves all entities that were announced.
/// </summary>
internal sealed class EntityHistories(IEventLog log, int rowsMax)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<EntityInView, LinkedListNode<Slot>> _slots = [];
    private readonly LinkedList<Slot> _recent = [];
    private IReadOnlyDictionary<EntityInView, EntityHistory> _loaded = new Dictionary<EntityInView, EntityHistory>();
    private long _loadedRows;
    private long _rows;

    /// <summary>
    /// Reads the histories of entities whose streams are not known by their keys, in one pass over the log, in place of
    /// those loaded before. Not while others ask for histories.
    /// </summary>
    /// <param name="wanted">The entities.</param>
    /// <param name="until">The last position that will be asked for.</param>
    /// <param name="whateverItTakes">Whether to hold more rows than are meant to be held, rather than none.</param>
    /// <param name="cancellation">Ends the pass.</param>
    /// <returns>Whether they fit.</returns>
    public async Task<bool> LoadAsync(IReadOnlyCollection<EntityInView> wanted, Position until, bool whateverItTakes, CancellationToken cancellation)
    {
        (_loaded, _loadedRows) = (new Dictionary<EntityInView, EntityHistory>(), 0);
        if (wanted.Count == 0) return true;
        var pass = new LogPass(wanted);
        if (await pass.ReadAsync(log, until, whateverItTakes ? long.MaxValue : rowsMax, cancellation) is not { } loaded) return false;
        (_loaded, _loadedRows) = (loaded, pass.Rows);
        return true;
    }

    /// <summary>The history of one entity in one view.</summary>
    /// <exception cref="StreamDeletedException">The entity's stream was tombstoned.</exception>
    public async Task<EntityHistory> GetAsync(CompiledView view, string entityKey, CancellationToken cancellation)
    {
        var entity = new EntityInView(view, entityKey);
        if (_loaded.TryGetValue(entity, out var loaded)) return loaded;
        Slot slot;
        lock (_lock)
        {
            if (_slots.TryGetValue(entity, out var node)) _recent.Remove(node);
            else _slots[entity] = node = new LinkedListNode<Slot>(new Slot(entity, new(() => ReadAsync(entity, cancellation))));
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

    private async Task<EntityHistory> ReadAsync(EntityInView entity, CancellationToken cancellation)
    {
        if (entity.View.IsKeyedByStream) return await EntityHistory.ReadAsync(log, entity.View, entity.Key, cancellation);
        return (await new LogPass([entity]).ReadAsync(log, Position.End, long.MaxValue, cancellation))![entity];
    }

    private void Account(Slot slot, EntityHistory history)
    {
        lock (_lock)
        {
            if (!slot.IsCounted) _rows += history.Count;
            slot.IsCounted = true;
            while (_rows + _loadedRows > rowsMax && _recent.First is { } oldest && oldest.Value != slot && oldest.Value.IsCounted)
                Remove(oldest);
        }
    }

    private void Forget(Slot slot)
    {
        lock (_lock)
            if (_slots.TryGetValue(slot.Entity, out var node) && node.Value == slot) Remove(node);
    }

    private void Remove(LinkedListNode<Slot> node)
    {
        _recent.Remove(node);
        _slots.Remove(node.Value.Entity);
        if (node.Value.IsCounted) _rows -= node.Value.History.Value.Result.Count;
    }

    private sealed class Slot(EntityInView entity, Lazy<Task<EntityHistory>> history)
    {
        public EntityInView Entity { get; } = entity;

        public Lazy<Task<EntityHistory>> History { get; } = history;

        public bool IsCounted { get; set; }
    }
}
