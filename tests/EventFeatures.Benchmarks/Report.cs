using System.Text.Json;

namespace EventFeatures.Benchmarks;

/// <summary>Shows each measurement as it comes, on standard error, and the whole table at the end.</summary>
internal sealed class Report(TextWriter output, TextWriter progress, bool json) : IAsyncDisposable
{
    private static readonly string[] Header = ["what", "rate", "limit", "ratio", "limit is", "latency"];

    private readonly List<Measurement> _measurements = [];

    public void Add(Measurement measurement)
    {
        _measurements.Add(measurement);
        if (json)
            output.WriteLine(JsonSerializer.Serialize(measurement, JsonSerializerOptions.Web));
        else
            progress.WriteLine($"{measurement.Name}: {measurement.Cells[1]}");
    }

    public ValueTask DisposeAsync()
    {
        if (json || _measurements.Count == 0) return ValueTask.CompletedTask;
        var rows = _measurements.Select(measurement => measurement.Cells).Prepend(Header).ToList();
        var widths = Enumerable.Range(0, Header.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        output.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}");
        foreach (var row in rows) output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        return ValueTask.CompletedTask;
    }
}
