using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Values;

namespace EventFeatures.Core.FeatureViews.Runs;

/// <summary>What one entity's rows give as inputs to features of the same filter, input and group: evaluated once, however many ask.</summary>
internal sealed class InputRun
{
    // Where each input comes from, and how many inputs the rows before each row give; null where every row gives one.
    private readonly int[]? _row;
    private readonly int[]? _before;
    private readonly FeatureRow[] _rows;

    /// <param name="kernel">One of the features.</param>
    /// <param name="rows">The entity's rows, in fold order.</param>
    public InputRun(FeatureKernel kernel, FeatureRow[] rows)
    {
        _rows = rows;
        Values = new Value[rows.Length];
        for (var row = 0; row < rows.Length; row++)
        {
            if (_before is not null) _before[row] = Count;
            if (kernel.Takes(CompiledView.ColumnsOf(rows[row]), out Values[Count]))
            {
                if (_row is not null) _row[Count] = row;
                Count++;
            }
            else if (_before is null)
            {
                (_row, _before) = (new int[rows.Length], new int[rows.Length + 1]);
                for (var earlier = 0; earlier <= row; earlier++) _before[earlier] = earlier;
                for (var earlier = 0; earlier < row; earlier++) _row[earlier] = earlier;
            }
        }
        if (_before is not null) _before[rows.Length] = Count;
    }

    /// <summary>How many inputs there are.</summary>
    public int Count { get; private set; }

    /// <summary>The inputs of the rows that count; the first <see cref="Count"/> of these.</summary>
    public Value[] Values { get; }

    /// <summary>Where an input comes from.</summary>
    public Place PlaceOf(int input)
    {
        var row = _rows[_row is null ? input : _row[input]];
        return new Place(row.OccurredAt, row.Position);
    }

    /// <summary>How many inputs the first so many rows give, which is the index of the next row's input.</summary>
    public int CountOf(int rows) => _before is null ? rows : _before[rows];

    /// <summary>Folds the inputs of a run of rows.</summary>
    public void Fold(Accumulator fold, int firstRow, int endRow)
    {
        var end = CountOf(endRow);
        for (var i = CountOf(firstRow); i < end; i++) fold.Add(Values[i], PlaceOf(i));
    }
}
