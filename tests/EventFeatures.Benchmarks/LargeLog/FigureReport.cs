using System.Text.Json;

namespace EventFeatures.Benchmarks.LargeLog;

/// <summary>Shows each figure as it comes, on standard error, and all of them at the end.</summary>
internal sealed class FigureReport(TextWriter output, TextWriter progress, bool json)
{
    private readonly List<Figure> _figures = [];

    public void Progress(string line) => progress.WriteLine(line);

    public void Add(Figure figure)
    {
        _figures.Add(figure);
        if (json) output.WriteLine(JsonSerializer.Serialize(figure, JsonSerializerOptions.Web));
        else progress.WriteLine($"{figure.What}: {figure.Value}");
    }

    public void End()
    {
        if (json) return;
        var (what, value) = (_figures.Max(figure => figure.What.Length), _figures.Max(figure => figure.Value.Length));
        output.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}, {System.Runtime.InteropServices.RuntimeInformation.OSDescription}");
        foreach (var figure in _figures) output.WriteLine($"{figure.What.PadRight(what)}  {figure.Value.PadRight(value)}  {figure.Detail}".TrimEnd());
    }
}
