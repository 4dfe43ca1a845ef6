using System.Globalization;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Files;
using EventFeatures.Core.Time;

namespace EventFeatures.Cli.Demos.Electricity;

/// <summary>Reads the Elec2 file (Harries, 1999): a row each half-hour, with no date column.</summary>
public static class ElectricityStream
{
    /// <summary>The first period's start. The file has no dates; its documentation gives this one.</summary>
    public static readonly Instant Start = Instant.Parse("1996-05-07T00:00:00Z");

    private const string Header = "period,nswprice,nswdemand,vicprice,vicdemand,transfer,class";
    private static readonly string[] Columns = Header.Split(',');

    /// <summary>The periods in order. Reads as it goes, so that a malformed row is reported when it is reached.</summary>
    /// <exception cref="UsageException">The file is missing, empty or malformed; the message names the line.</exception>
    public static IEnumerable<ElectricityPeriod> Read(string path)
    {
        // Opened before the first row is asked for, so that a wrong name is said at once.
        return Rows(path, UserFile.OpenText(path));
    }

    /// <summary>How often "as <paramref name="delay"/> periods before" is right: what a model must beat to be of use.</summary>
    /// <returns>In [0, 1]; null when there are no more labels than the delay.</returns>
    public static double? NoChangeAccuracy(IReadOnlyList<bool> labels, int delay = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, 1);
        if (labels.Count <= delay) return null;
        var right = 0;
        for (var index = delay; index < labels.Count; index++)
            if (labels[index] == labels[index - delay]) right++;
        return (double)right / (labels.Count - delay);
    }

    private static IEnumerable<ElectricityPeriod> Rows(string path, LineReader reader)
    {
        using var closed = reader;
        var header = reader.ReadLine()?.Trim();
        if (header != Header)
            throw new UsageException($"{path}:1: the header is '{Shortened(header)}' but must be '{Header}'. Give the Elec2 file as published.");
        var line = 1;
        var index = 0;
        while (reader.ReadLine() is { } text)
        {
            line++;
            // A last empty line is how many tools end a file; an empty line between rows is a lost row.
            if (text.Length == 0 && reader.Peek() < 0) break;
            yield return Parse(path, line, text, index++);
        }
        if (index == 0) throw new UsageException($"{path}: there is no row below the header. Give the whole Elec2 file.");
    }

    private static ElectricityPeriod Parse(string path, int line, string text, int index)
    {
        var fields = text.Split(',');
        if (fields.Length != Columns.Length)
            throw new UsageException($"{path}:{line}: there are {fields.Length} values but must be {Columns.Length} ({Header}): '{Shortened(text)}'. Correct the line or fetch the file again.");
        Span<double> values = stackalloc double[Columns.Length];
        for (var column = 0; column < fields.Length; column++)
            if (!double.TryParse(fields[column], NumberStyles.Float, CultureInfo.InvariantCulture, out values[column]) || !(values[column] is >= 0 and <= 1))
                throw new UsageException($"{path}:{line}: {Columns[column]} is '{Shortened(fields[column])}' but must be a number from 0 to 1. Correct the line or fetch the file again.");
        if (values[6] is not (0 or 1))
            throw new UsageException($"{path}:{line}: class is '{Shortened(fields[6])}' but must be 0 or 1. Correct the line or fetch the file again.");
        var occurredAt = Start + new Duration(index * ElectricityPeriod.Length.Microseconds);
        return new ElectricityPeriod(index, occurredAt, values[0], values[1], values[2], values[3], values[4], values[5], values[6] == 1);
    }

    private static string Shortened(string? text) => text is { Length: > 80 } ? text[..80] + "…" : text ?? "";
}
