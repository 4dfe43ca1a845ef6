using System.CommandLine;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;

namespace EventFeatures.Cli.Files.Spines;

/// <summary>A spine: entity keys and instants to join features onto, a row at a time, from a file of any of three formats.</summary>
internal static class SpineFile
{
    private const int RowsChecked = 10_000;

    public const string Time = "time";
    public const string Label = "label";
    public const string KnownAt = "knownAt";

    /// <summary>The columns that mean the same in every spine.</summary>
    public static readonly string[] OwnColumns = [Time, Label, KnownAt];

    public static readonly Option<string?> Format = CreateFormat();

    /// <summary>The rows, each with its line or number.</summary>
    /// <param name="path">The file; for JSONL and CSV also <c>-</c> for standard input.</param>
    /// <param name="format">jsonl, csv or parquet; by the file's ending when null.</param>
    /// <param name="columns">What the columns are to the service.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static IAsyncEnumerable<SpineRow> ReadAsync(string path, string? format, SpineColumns columns, CancellationToken cancellation) =>
        (format ?? FormatOf(path)) switch
        {
            "csv" => CsvSpine.ReadAsync(path, columns, cancellation),
            "parquet" => ParquetSpine.ReadAsync(path, columns, cancellation),
            _ => JsonSpine.ReadAsync(path, columns, cancellation),
        };

    /// <summary>
    /// Refuses a file whose beginning is no spine, before anybody is asked what its columns are. What cannot be read
    /// twice, such as standard input, is passed over, and a named pipe, which ends once it was closed, is refused.
    /// </summary>
    /// <exception cref="UsageException">It cannot be read, or holds no row.</exception>
    /// <exception cref="Application.FeatureViews.EvaluationInputException">A row is not what it should be; names the row.</exception>
    public static async Task CheckAsync(string path, string? format, CancellationToken cancellation)
    {
        if (path == UserFile.StandardInput) return;
        await using (var file = UserFile.OpenStream(path))
            if (!file.CanSeek)
            {
                if (IsHeldOpen(path)) return;
                throw new UsageException($"{path} is a named pipe, which is opened twice here. Name a file, or give the rows on standard input with --spine {UserFile.StandardInput}.");
            }
        await foreach (var _ in ReadAsync(path, format, SpineColumns.Unknown, cancellation).Take(RowsChecked).ConfigureAwait(false))
        {
            // Reading it is the check.
        }
    }

    /// <summary>Whether this process has a pipe open anyway, such as that of the shell's <c>&lt;(...)</c>.</summary>
    private static bool IsHeldOpen(string path) =>
        path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal);

    private static string FormatOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".csv" => "csv",
        ".parquet" or ".pq" => "parquet",
        _ => "jsonl",
    };

    private static Option<string?> CreateFormat()
    {
        var option = new Option<string?>("--spine-format")
        {
            Description = "What the spine's file is: jsonl, csv (a header line, commas, UTF-8; an empty cell is no value) or parquet. Default: by its ending, else jsonl.",
        };
        option.AcceptOnlyFromAmong("jsonl", "csv", "parquet");
        return option;
    }
}
