using System.IO.Compression;
using System.Security.Cryptography;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;
using Parquet;
using Parquet.Schema;

namespace EventFeatures.Views.TrainingSets;

/// <summary>
/// Writes training sets as Parquet. Nothing but the rows and the package's version reaches the file, so equal rows give
/// equal bytes. The file appears under its name only once it is whole.
/// </summary>
/// <param name="rowGroupRowsMax">How many rows are held in memory and written as one row group; fewer where there are very many columns.</param>
public sealed class ParquetTrainingSetWriter(int rowGroupRowsMax = 50_000) : ITrainingSetWriter
{
    private const int RowGroupValuesMax = 5_000_000;

    /// <inheritdoc/>
    public async Task<string> WriteAsync(
        string path, IReadOnlyList<TrainingColumn> columns, IAsyncEnumerable<IReadOnlyList<Value>> rows, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowGroupRowsMax);
        RefuseTwice(columns);
        var target = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var unfinished = $"{target}.{Guid.NewGuid():n}.tmp";
        try
        {
            await WriteFileAsync(unfinished, columns, rows, cancellation);
            var digest = await DigestAsync(unfinished, cancellation);
            File.Move(unfinished, target, overwrite: true);
            return digest;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private async Task WriteFileAsync(
        string path, IReadOnlyList<TrainingColumn> columns, IAsyncEnumerable<IReadOnlyList<Value>> rows, CancellationToken cancellation)
    {
        var parquetColumns = columns.Select(ParquetColumn.Of).ToList();
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, useAsync: true);
        // The smallest size would cost more than all of the join, for a few percent of the bytes.
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Fastest };
        await using (var writer = await ParquetWriter.CreateAsync(
            new ParquetSchema(parquetColumns.Select(column => column.Field)), file, options, cancellationToken: cancellation))
        {
            var group = new List<IReadOnlyList<Value>>();
            long written = 0;
            var groupMax = Math.Max(1, Math.Min(rowGroupRowsMax, RowGroupValuesMax / columns.Count));
            await foreach (var row in rows.WithCancellation(cancellation))
            {
                if (row.Count != columns.Count)
                    throw new ArgumentException($"Row {written + group.Count} of the training set has {row.Count} values, but there are {columns.Count} columns.", nameof(rows));
                group.Add(row);
                if (group.Count < groupMax) continue;
                await WriteGroupAsync(writer, parquetColumns, group, cancellation);
                written += group.Count;
                group.Clear();
            }
            if (group.Count > 0 || written == 0) await WriteGroupAsync(writer, parquetColumns, group, cancellation);
        }
        await file.FlushAsync(cancellation);
        file.Flush(flushToDisk: true);
    }

    private static async Task WriteGroupAsync(
        ParquetWriter writer, List<ParquetColumn> columns, List<IReadOnlyList<Value>> rows, CancellationToken cancellation)
    {
        using var group = writer.CreateRowGroup();
        for (var i = 0; i < columns.Count; i++) await columns[i].WriteAsync(group, rows, i, cancellation);
        group.CompleteValidate();
    }

    private static async Task<string> DigestAsync(string path, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
    }

    private static void RefuseTwice(IReadOnlyList<TrainingColumn> columns)
    {
        if (columns.Count == 0) throw new ArgumentException("A training set needs at least one column.", nameof(columns));
        var twice = columns.GroupBy(column => column.Name, StringComparer.Ordinal).Where(names => names.Count() > 1).Select(names => $"'{names.Key}'").ToList();
        if (twice.Count > 0)
            throw new ArgumentException($"A training set cannot have two columns of one name: {string.Join(", ", twice)}. Rename one of each.", nameof(columns));
    }
}
