using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Time;

namespace EventFeatures.Core.FeatureViews.Windows.Pasts;

/// <summary>
/// A fold a tile, for windows whose edges are at the cuts of a grid. Only tiles that hold rows are there, and none
/// that lies before every window that may still be asked for.
/// </summary>
internal sealed class TiledPast(FeatureKernel kernel, Grid grid) : WindowPast
{
    // By their first instants.
    private readonly List<Tile> _tiles = [];
    private Instant _from = new(long.MinValue);

    public override void Add(FeatureRow row)
    {
        var name = grid.TileOf(row.OccurredAt);
        var at = CountBefore(name);
        if (at == _tiles.Count || _tiles[at].Name != name) _tiles.Insert(at, new Tile(name, kernel.Start()));
        kernel.Add(_tiles[at].Fold, row);
    }

    public override void Forget(Instant before)
    {
        _from = before;
        if (CountBefore(before) is var count and > 0) _tiles.RemoveRange(0, count);
    }

    public override bool TryMerge(Accumulator fold, in WindowSelection selection, Instant newest)
    {
        if (!selection.ReachesBack) return true;
        if (selection.Range.First < _from) return false;
        for (var i = CountBefore(selection.Range.First!.Value); i < _tiles.Count && _tiles[i].Name <= selection.Range.Last; i++) fold.Merge(_tiles[i].Fold);
        return true;
    }

    public override void Write(StateWriter writer)
    {
        writer.WriteUnsigned((ulong)_tiles.Count);
        var before = new Instant(0);
        foreach (var tile in _tiles)
        {
            writer.WriteSigned((tile.Name - before).Microseconds);
            before = tile.Name;
            tile.Fold.Write(writer);
        }
    }

    public override void Read(ref StateReader reader)
    {
        var name = new Instant(0);
        for (var left = reader.ReadCount(); left > 0; left--)
        {
            name += new Duration(reader.ReadSigned());
            var fold = kernel.Start();
            fold.Read(ref reader);
            _tiles.Add(new Tile(name, fold));
        }
    }

    // Nearly always it is the newest that is looked for.
    private int CountBefore(Instant name)
    {
        if (_tiles.Count == 0 || _tiles[^1].Name < name) return _tiles.Count;
        var (low, high) = (0, _tiles.Count - 1);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_tiles[middle].Name < name) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private readonly record struct Tile(Instant Name, Accumulator Fold);
}
