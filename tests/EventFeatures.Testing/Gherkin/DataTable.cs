using System.Collections;

namespace EventFeatures.Testing.Gherkin;

/// <summary>A step's table: a header row and the rows below it.</summary>
public sealed class DataTable
{
    private readonly List<string> _header;
    private readonly List<DataTableRow> _rows = [];

    /// <summary>A table without rows.</summary>
    /// <exception cref="ArgumentException">A column has no name, or two have the same.</exception>
    public DataTable(params string[] header)
    {
        if (header.Length == 0) throw new ArgumentException("A table has at least one column.", nameof(header));
        foreach (var name in header)
            if (header.Count(other => other == name) > 1)
                throw new ArgumentException($"The table has two columns named '{name}'. Give each column a name of its own.", nameof(header));
        _header = [.. header];
    }

    /// <summary>The columns' names.</summary>
    public ICollection<string> Header => _header.AsReadOnly();

    /// <summary>The rows below the header.</summary>
    public IReadOnlyList<DataTableRow> Rows => _rows;

    /// <summary>How many rows there are below the header.</summary>
    public int RowCount => _rows.Count;

    /// <summary>Whether there is a column of this name.</summary>
    public bool ContainsColumn(string column) => _header.Contains(column);

    /// <summary>Adds a row.</summary>
    /// <exception cref="ArgumentException">The row has more or fewer cells than the header.</exception>
    public void AddRow(params string[] cells)
    {
        if (cells.Length != _header.Count)
            throw new ArgumentException($"The row [{string.Join(" | ", cells)}] has {cells.Length} cells but the header has {_header.Count}.", nameof(cells));
        _rows.Add(new DataTableRow(_header, cells));
    }

    /// <summary>The table as it is written in a feature file.</summary>
    public override string ToString() =>
        string.Join('\n', _rows.Select(row => row.Values).Prepend(_header).Select(cells => $"| {string.Join(" | ", cells)} |"));
}

/// <summary>One row: its cells by column name, in the header's order.</summary>
public sealed class DataTableRow : IReadOnlyDictionary<string, string>
{
    private readonly List<string> _header;
    private readonly string[] _cells;

    internal DataTableRow(List<string> header, string[] cells) => (_header, _cells) = (header, cells);

    /// <summary>The cell of a column.</summary>
    /// <exception cref="KeyNotFoundException">There is no such column; the message lists those there are.</exception>
    public string this[string column] => TryGetValue(column, out var cell)
        ? cell
        : throw new KeyNotFoundException($"The table has no column '{column}'; it has {string.Join(", ", _header.Select(name => $"'{name}'"))}.");

    /// <summary>The cell at an index.</summary>
    public string this[int index] => _cells[index];

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _header;

    /// <inheritdoc/>
    public IEnumerable<string> Values => _cells;

    /// <inheritdoc/>
    public int Count => _cells.Length;

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _header.Contains(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, out string value)
    {
        var index = _header.IndexOf(key);
        value = index < 0 ? "" : _cells[index];
        return index >= 0;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() =>
        _header.Zip(_cells, (name, cell) => KeyValuePair.Create(name, cell)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
