using System.CommandLine;
using EventFeatures.Cli.Output;

namespace EventFeatures.Cli.CommandLine;

/// <summary>One call of a verb: its options and where it prints. Results go to standard output, all else to standard error.</summary>
internal sealed class Invocation(ParseResult parsed)
{
    /// <summary>The home folder's whole path.</summary>
    /// <exception cref="UsageException">It names no folder.</exception>
    public string Home => field ??= FolderOf(GlobalOptions.Home, $", or leave it out for ${GlobalOptions.HomeVariable}, else .eventfeatures here");

    public string? Server { get; } = parsed.GetValue(GlobalOptions.Server);

    public bool Json { get; } = parsed.GetValue(GlobalOptions.Json);

    public string Actor { get; } = parsed.GetValue(GlobalOptions.Actor)!;

    public TextWriter Out { get; } = parsed.InvocationConfiguration.Output;

    public TextWriter Error { get; } = parsed.InvocationConfiguration.Error;

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    /// <summary>Whether an option was typed, and is not only its default.</summary>
    public bool IsGiven(Option option) => parsed.GetResult(option) is { Implicit: false };

    public T? Get<T>(Argument<T> argument) => parsed.GetValue(argument);

    public ProgressLine Progress(string what) => new(Error, what, ReferenceEquals(Error, Console.Error) && !Console.IsErrorRedirected);

    /// <summary>A command to type next, against the same server as this one.</summary>
    public string Next(string command)
    {
        var server = Server is { } named ? $" --server {named}"
            : parsed.GetResult(GlobalOptions.Home) is { Implicit: false } ? $" --home {Path.GetRelativePath(Environment.CurrentDirectory, Home)}"
            : "";
        return $"{CommandName} {command}{server}";
    }

    /// <summary>The whole path of the folder that an option names.</summary>
    /// <param name="option">The option, with a value or a default.</param>
    /// <param name="orElse">Goes on from "Name a folder": what else does.</param>
    /// <exception cref="UsageException">It names no folder.</exception>
    public string FolderOf(Option<string> option, string orElse = "")
    {
        var folder = parsed.GetValue(option)!;
        if (folder.Length == 0) throw new UsageException($"{option.Name} is empty. Name a folder{orElse}.");
        try
        {
            return Path.GetFullPath(folder);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException($"The folder that this was started in is gone, so '{folder}' names nothing. Change to a folder that is there, or give {option.Name} a whole path.", gone);
        }
    }

    /// <summary>How the user calls this program, for the next step that a message names.</summary>
    public static string CommandName =>
        Environment.GetEnvironmentVariable("EVENTFEATURES_COMMAND") is { Length: > 0 } name ? name : "eventfeatures";
}
