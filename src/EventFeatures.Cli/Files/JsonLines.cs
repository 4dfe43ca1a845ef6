using System.Runtime.CompilerServices;
using EventFeatures.Application.FeatureViews;
using EventFeatures.Cli.CommandLine;

namespace EventFeatures.Cli.Files;

/// <summary>A user's file of JSON objects, one a line. Blank lines are passed over.</summary>
internal static class JsonLines
{
    /// <summary>What each line holds, with its number, as <paramref name="read"/> understands it.</summary>
    /// <param name="path">The file, or <c>-</c> for standard input.</param>
    /// <param name="example">What a line looks like, for whoever brings an empty file.</param>
    /// <param name="read">Understands one line.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="UsageException">The file cannot be read, or holds no line.</exception>
    /// <exception cref="EvaluationInputException">A line is not what it should be; names the line.</exception>
    public static async IAsyncEnumerable<(int Line, T Content)> ReadAsync<T>(
        string path, string example, Func<InputLine, T> read, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var lines = UserFile.OpenText(path);
        var found = false;
        for (var number = 1; await lines.ReadLineAsync(cancellation).ConfigureAwait(false) is { } text; number++)
        {
            if (string.IsNullOrWhiteSpace(text)) continue;
            found = true;
            T content;
            using (var line = InputLine.Parse(lines.Name, number, text)) content = read(line);
            yield return (number, content);
        }
        if (!found) throw new UsageException($"{lines.Name} is empty. A line of it looks like {example}");
    }
}
