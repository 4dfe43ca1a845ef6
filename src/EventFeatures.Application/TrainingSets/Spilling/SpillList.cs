namespace EventFeatures.Application.TrainingSets.Spilling;

/// <summary>A list of any length: the first items stay in memory, and all later ones are on disk.</summary>
internal sealed class SpillList<T>(string folder, SpillFormat<T> format, int itemsMax) : IDisposable
{
    private readonly List<T> _items = [];
    private SpillFile<T>? _file;

    public void Add(T item)
    {
        if (_items.Count < itemsMax)
        {
            _items.Add(item);
            return;
        }
        _file ??= new SpillFile<T>(folder, format);
        _file.Write(item);
    }

    /// <summary>All items in their order. To be called once, after the last one.</summary>
    public IEnumerable<T> ReadAll() => _file is null ? _items : _items.Concat(_file.ReadAll());

    public void Dispose() => _file?.Dispose();
}
