namespace EventFeatures.Application.TrainingSets.Spilling;

/// <summary>
/// Sorts any number of items with a bounded number of them in memory: what is full is sorted and goes to disk as a run,
/// and the runs are merged. Items may be added from several threads.
/// </summary>
/// <param name="folder">An existing folder with room for all items.</param>
/// <param name="order">A total order, so that the result does not depend on when items came.</param>
/// <param name="format">How an item stands on disk.</param>
/// <param name="itemsMax">How many items are in memory at most.</param>
internal sealed class SpillSort<T>(string folder, IComparer<T> order, SpillFormat<T> format, int itemsMax) : IDisposable
{
    /// <summary>More runs than these are merged into one first, since each takes an open file and a buffer.</summary>
    private const int RunsMax = 64;

    private readonly Lock _gate = new();
    private readonly List<T> _items = [];
    private readonly List<SpillFile<T>> _runs = [];

    public void Add(T item)
    {
        lock (_gate)
        {
            if (_items.Count == itemsMax) Spill();
            _items.Add(item);
        }
    }

    /// <summary>All items in order. To be called once, after the last one was added.</summary>
    public IEnumerable<T> InOrder()
    {
        _items.Sort(order);
        return _runs.Count == 0 ? _items : Merge([.. _runs.Select(run => run.ReadAll()), _items]);
    }

    public void Dispose()
    {
        foreach (var run in _runs) run.Dispose();
    }

    private void Spill()
    {
        if (_runs.Count == RunsMax) MergeRuns();
        _items.Sort(order);
        Write(_items);
        _items.Clear();
    }

    private void MergeRuns()
    {
        List<SpillFile<T>> merged = [.. _runs];
        _runs.Clear();
        try
        {
            Write(Merge([.. merged.Select(run => run.ReadAll())]));
        }
        finally
        {
            foreach (var run in merged) run.Dispose();
        }
    }

    private void Write(IEnumerable<T> items)
    {
        var run = new SpillFile<T>(folder, format);
        _runs.Add(run);
        foreach (var item in items) run.Write(item);
    }

    private IEnumerable<T> Merge(IReadOnlyList<IEnumerable<T>> sorted)
    {
        var heads = new PriorityQueue<IEnumerator<T>, T>(order);
        try
        {
            foreach (var items in sorted) Advance(items.GetEnumerator());
            while (heads.TryDequeue(out var next, out var item))
            {
                yield return item;
                Advance(next);
            }
        }
        finally
        {
            foreach (var (items, _) in heads.UnorderedItems) items.Dispose();
        }

        void Advance(IEnumerator<T> items)
        {
            if (items.MoveNext()) heads.Enqueue(items, items.Current);
            else items.Dispose();
        }
    }
}
