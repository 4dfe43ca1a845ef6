using System.Security.Cryptography;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;

namespace EventFeatures.UnitTests.Predictions;

/// <summary>Keeps the last training set as rows of text, and writes them as lines.</summary>
internal sealed class LinesWriter : ITrainingSetWriter
{
    public IReadOnlyList<TrainingColumn> Columns { get; private set; } = [];

    public List<IReadOnlyList<Value>> Rows { get; } = [];

    /// <summary>Called before the first row is asked for.</summary>
    public Action? Began { get; set; }

    public async Task<string> WriteAsync(
        string path, IReadOnlyList<TrainingColumn> columns, IAsyncEnumerable<IReadOnlyList<Value>> rows, CancellationToken cancellation = default)
    {
        Columns = columns;
        Rows.Clear();
        Began?.Invoke();
        await foreach (var row in rows.WithCancellation(cancellation)) Rows.Add([.. row]);
        var bytes = System.Text.Encoding.UTF8.GetBytes(string.Join('\n', Rows.Select(row => string.Join('\t', row))));
        await File.WriteAllBytesAsync(path, bytes, cancellation);
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    /// <summary>One column's values as text.</summary>
    public IReadOnlyList<string> Column(string name)
    {
        var index = Columns.ToList().FindIndex(column => column.Name == name);
        return [.. Rows.Select(row => row[index].ToString())];
    }
}
