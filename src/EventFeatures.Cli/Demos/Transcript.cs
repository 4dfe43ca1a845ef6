using System.Text.Json;
using EventFeatures.Cli.CommandLine;

namespace EventFeatures.Cli.Demos;

/// <summary>
/// What a demo did, a line a step as it happens: aligned text for people or, with <c>--json</c>, one document a line.
/// </summary>
internal sealed class Transcript(Invocation invocation)
{
    /// <summary>States one step.</summary>
    /// <param name="step">One word, for example <c>training</c>.</param>
    /// <param name="fact">What happened.</param>
    /// <param name="note">What qualifies it; may be empty.</param>
    /// <param name="figures">The same for machines, with exact values.</param>
    public void Say(string step, string fact, string note, params (string Name, object? Value)[] figures)
    {
        if (invocation.Json)
        {
            var document = new Dictionary<string, object?> { ["step"] = step };
            foreach (var (name, value) in figures) document[name] = value;
            invocation.Out.WriteLine(JsonSerializer.Serialize(document));
        }
        else
        {
            invocation.Out.WriteLine(note.Length == 0 ? $"{step,-10} {fact}" : $"{step,-10} {fact,-29} {note}");
        }
        invocation.Out.Flush();
    }
}
