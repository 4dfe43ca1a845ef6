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
/// <param name="rowGroupRowsMax">How many rows are written as one row group, of which two are in memory; fewer where there are very many columns.</param>
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
        var filling = new Group([.. columns.Select(ParquetColumn.Of)]);
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, useAsync: true);
        // The smallest size would cost more than all of the join, for a few percent of the bytes.
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Fastest };
        await using (var writer = await ParquetWriter.CreateAsync(
            new ParquetSchema(filling.Columns.Select(column => column.Field)), file, options, cancellationToken: cancellation))
        {
            var spare = new Group([.. columns.Zip(filling.Columns, (column, same) => ParquetColumn.Of(column, same.Field))]);
            var writing = Task.CompletedTask;
            long written = 0;
            var groupMax = Math.Max(1, Math.Min(rowGroupRowsMax, RowGroupValuesMax / columns.Count));
            try
            {
                await foreach (var row in rows.WithCancellation(cancellation))
                {
                    if (row.Count != columns.Count)
                        throw new ArgumentException($"Row {written + filling.Rows} of the training set has {row.Count} values, but there are {columns.Count} columns.", nameof(rows));
                    filling.Add(row);
                    if (filling.Rows < groupMax) continue;
                    await writing;
                    written += filling.Rows;
                    writing = WriteBehind(filling);
                    (filling, spare) = (spare, filling);
                }
            }
            finally
            {
                // Whatever ended the rows, the file is not closed under a group that is being written.
                await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            await writing;
            if (filling.Rows > 0 || written == 0) await filling.WriteAsync(writer, cancellation);

            // One group is compressed while the next one's rows are made.
            Task WriteBehind(Group full) => Task.Run(() => full.WriteAsync(writer, cancellation), CancellationToken.None);
        }
        await file.FlushAsync(cancellation);
        file.Flush(flushToDisk: true);
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

    /// <summary>The rows of one row group, column by column.</summary>
    private sealed class Group(ParquetColumn[] columns)
    {
        public ParquetColumn[] Columns => columns;

        public int Rows { get; private set; }

        public void Add(IReadOnlyList<Value> row)
        {
            for (var i = 0; i < Columns.Length; i++) Columns[i].Add(row[i]);
            Rows++;
        }

        /// <summary>Writes the rows and forgets them.</summary>
        public async Task WriteAsync(ParquetWriter writer, CancellationToken cancellation)
        {
            using var group = writer.CreateRowGroup();
            foreach (var column in Columns) await column.WriteAsync(group, cancellation);
            group.CompleteValidate();
            Rows = 0;
        }
    }
}
