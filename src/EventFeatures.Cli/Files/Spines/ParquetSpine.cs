using System.Runtime.CompilerServices;
using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using EventFeatures.Server.Api;
using EventFeatures.Views.TrainingSets;
using CoreValue = EventFeatures.Core.Values.Value;
using Value = EventFeatures.Api.V1.Value;

namespace EventFeatures.Cli.Files.Spines;

/// <summary>A spine as Parquet: its columns have their own types; times are timestamps or text.</summary>
internal static class ParquetSpine
{
    public static async IAsyncEnumerable<SpineRow> ReadAsync(string path, SpineColumns columns, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (path == UserFile.StandardInput) throw new UsageException("Parquet is read from its end, so it cannot come from standard input. Name the file.");
        await using var file = UserFile.OpenStream(path);
        if (!file.CanSeek) throw new UsageException($"{path} is a pipe, and Parquet is read from its end. Name a file.");
        await using var parquet = await OpenAsync(path, file, cancellation).ConfigureAwait(false);
        columns.RefuseHeader(path, parquet.Names);
        await using var rows = parquet.ReadAsync(cancellation).GetAsyncEnumerator(cancellation);
        var count = 0L;
        while (await NextAsync(path, rows).ConfigureAwait(false))
        {
            count++;
            yield return RowOf(path, parquet.Names, rows.Current.Number, rows.Current.Values, columns);
        }
        if (count == 0) throw new UsageException($"{path} has no rows.");
    }

    private static async Task<ParquetRows> OpenAsync(string path, Stream file, CancellationToken cancellation)
    {
        try
        {
            return await ParquetRows.OpenAsync(file, cancellation).ConfigureAwait(false);
        }
        catch (InvalidDataException unreadable)
        {
            throw new UsageException($"{path}: {unreadable.Message}", unreadable);
        }
    }

    private static async Task<bool> NextAsync(string path, IAsyncEnumerator<(long, IReadOnlyList<CoreValue>)> rows)
    {
        try
        {
            return await rows.MoveNextAsync().ConfigureAwait(false);
        }
        catch (InvalidDataException unreadable)
        {
            throw new UsageException($"{path}: {unreadable.Message}", unreadable);
        }
    }

    private static SpineRow RowOf(string path, IReadOnlyList<string> names, long number, IReadOnlyList<CoreValue> cells, SpineColumns columns)
    {
        var row = new SpineRow { Number = number };
        var values = new Dictionary<string, Value>(StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++)
        {
            var cell = cells[i];
            if (cell.IsNull) continue;
            switch (names[i])
            {
                case SpineFile.Time:
                    row.Time = TimeOf(cell) ?? throw Wrong($"'time' is {cell}, which is no time. Use a timestamp column, or text as 2026-01-31T12:00:00Z.");
                    break;
                case SpineFile.Label:
                    row.Label = LabelOf(cell) ?? throw Wrong($"'label' is {cell}, but a label is 1 or 0. Leave it null where it is not known.");
                    break;
                case SpineFile.KnownAt:
                    row.KnownAt = cell is { Kind: ValueKind.Integer, Integer: >= 0 } ? (ulong)cell.Integer : throw Wrong($"'knownAt' is {cell}, but it is a position of the log: a whole number.");
                    break;
                default:
                    values[names[i]] = cell.ToMessage();
                    break;
            }
        }
        if (row.Time.Length == 0) throw Wrong("'time' is null. Every row needs the instant that its features describe.");
        columns.Fill(row, values, Wrong);
        return row;

        EvaluationInputException Wrong(string message) => new(path, (int)Math.Min(number, int.MaxValue), $"(row {number}) {message}");
    }

    private static string? TimeOf(CoreValue cell) => cell.Kind switch
    {
        ValueKind.Timestamp => cell.Timestamp.ToString(),
        ValueKind.String when Instant.TryParse(cell.String, out var instant) => instant.ToString(),
        _ => null,
    };

    private static double? LabelOf(CoreValue cell) => cell.Kind switch
    {
        ValueKind.Integer => cell.Integer,
        ValueKind.Number when double.IsFinite(cell.Number) => cell.Number,
        ValueKind.Decimal => (double)cell.Decimal,
        ValueKind.Boolean => cell.Boolean ? 1 : 0,
        _ => null,
    };
}
