using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using EventFeatures.Api.V1;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using EventFeatures.Core.Time;

namespace EventFeatures.Cli.Files.Spines;

/// <summary>
/// A spine as CSV (RFC 4180): a header line, commas, UTF-8. Cells have the types that the definitions give their columns;
/// a column that only is carried along is text. An empty cell is no value.
/// </summary>
internal static class CsvSpine
{
    private const string Example = "card,time,label";

    private static readonly CsvConfiguration Rules = new(CultureInfo.InvariantCulture)
    {
        Mode = CsvMode.RFC4180,
        Delimiter = ",",
        DetectDelimiter = false,
        // No cell of a spine is as large; a quotation mark that is never closed would have the rest of the file for one.
        MaxFieldSize = 1024 * 1024,
    };

    public static async IAsyncEnumerable<SpineRow> ReadAsync(string path, SpineColumns columns, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var name = UserFile.NameOf(path);
        using var text = UserFile.Decode(UserFile.OpenStream(path));
        using var csv = new CsvParser(text, Rules);
        var header = await NextAsync(csv, name).ConfigureAwait(false) ?? throw new UsageException($"{name} is empty. Its first line names the columns, for example: {Example}");
        columns.RefuseHeader(name, header);
        var rows = 0;
        while (await NextAsync(csv, name).ConfigureAwait(false) is { } cells)
        {
            cancellation.ThrowIfCancellationRequested();
            rows++;
            if (cells.Length != header.Length)
                throw Wrong(name, csv, $"This line has {cells.Length} cells, but the header has {header.Length}. Quote a cell that holds a comma, a quotation mark or a line break.");
            yield return RowOf(name, csv, header, cells, columns);
        }
        if (rows == 0) throw new UsageException($"{name} has a header but no rows.");
    }

    private static async Task<string[]?> NextAsync(CsvParser csv, string name)
    {
        var before = csv.RawRow;
        try
        {
            return await csv.ReadAsync().ConfigureAwait(false) ? csv.Record : null;
        }
        catch (DecoderFallbackException error)
        {
            throw new UsageException($"{name}: after line {csv.RawRow} there are bytes that are {UserFile.NotUtf8}", error);
        }
        catch (CsvHelperException)
        {
            // Its message is about how to ignore the error.
            throw new EvaluationInputException(name, before + 1, "This is not a row of CSV: a quotation mark is not closed, or stands in a cell that is not quoted. Quote a cell that holds a comma, a quotation mark or a line break, and double a quotation mark in it.");
        }
        catch (IOException error)
        {
            throw new UsageException($"{name} cannot be read past line {csv.RawRow}: {error.Message}", error);
        }
    }

    private static SpineRow RowOf(string name, CsvParser csv, string[] header, string[] cells, SpineColumns columns)
    {
        var row = new SpineRow { Number = LineOf(csv) };
        var values = new Dictionary<string, Value>(StringComparer.Ordinal);
        for (var i = 0; i < header.Length; i++)
        {
            var (column, cell) = (header[i], cells[i]);
            if (cell.Length == 0) continue;
            switch (column)
            {
                case SpineFile.Time:
                    row.Time = Instant.TryParse(cell, out var time) ? time.ToString() : throw Wrong(name, csv, $"'time' is \"{cell}\", which is no time. Write it as 2026-01-31T12:00:00Z, with Z or an offset, to the microsecond at most.");
                    break;
                case SpineFile.Label:
                    row.Label = CellText.Label(cell) ?? throw Wrong(name, csv, $"'label' is \"{cell}\", but a label is 1 or 0. Leave the cell empty where it is not known.");
                    break;
                case SpineFile.KnownAt:
                    row.KnownAt = ulong.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : throw Wrong(name, csv, $"'knownAt' is \"{cell}\", but it is a position of the log: a whole number.");
                    break;
                default:
                    var type = columns.TypeOf(column);
                    values[column] = CellText.Read(type, cell) ?? throw Wrong(name, csv, CellText.Refusal($"'{column}'", type, cell));
                    break;
            }
        }
        if (row.Time.Length == 0) throw Wrong(name, csv, "'time' is empty. Every row needs the instant that its features describe.");
        columns.Fill(row, values, message => Wrong(name, csv, message));
        return row;
    }

    private static EvaluationInputException Wrong(string name, CsvParser csv, string message) => new(name, LineOf(csv), message);

    /// <summary>The line where the row begins; the library knows where it ends.</summary>
    private static int LineOf(CsvParser csv) => csv.RawRow - csv.RawRecord.AsSpan().Trim().Count('\n');
}
