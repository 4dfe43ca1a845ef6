using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using EventFeatures.Core.Definitions;

namespace EventFeatures.Cli.CommandLine;

/// <summary>What is wrong with the words of a command line, in the user's terms and with what was probably meant.</summary>
internal static partial class UsageErrors
{
    /// <summary>The mistakes; none when the line can be run.</summary>
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        if (parsed.Errors.Count == 0) return [];
        var command = parsed.CommandResult.Command;
        // What follows a word that is not understood is not understood either, and need not be told again.
        if (parsed.UnmatchedTokens is [var first, ..]) return [Unknown(command, first)];
        return [.. parsed.Errors.Select(error => Said(command, error)).Distinct()];
    }

    /// <summary>The command as the user types it, its verb included.</summary>
    public static string NameOf(Command command) =>
        command is RootCommand ? Invocation.CommandName : $"{NameOf(command.Parents.OfType<Command>().First())} {command.Name}";

    private static string Unknown(Command command, string word)
    {
        if (word.StartsWith('-'))
            return $"{NameOf(command)} has no option '{word}'.{Suggestion.For(word, Options(command).Select(option => option.Name))}";
        return command.Subcommands.Count > 0
            ? $"{NameOf(command)} has no verb '{word}'.{Suggestion.For(word, command.Subcommands.Select(verb => verb.Name))}"
            : $"{NameOf(command)} does not take '{word}' there. A value with spaces needs quotes.";
    }

    private static string Said(Command command, ParseError error)
    {
        if (command.Subcommands.Count > 0 && command.Action is null)
            return $"{NameOf(command)} needs one of its verbs: {string.Join(", ", command.Subcommands.Select(verb => verb.Name))}.";
        if (WrongType().Match(error.Message) is { Success: true } wrong)
            return $"{wrong.Groups[2].Value} takes {Kind(wrong.Groups[3].Value)}, not '{wrong.Groups[1].Value}'.";
        if (MissingOption().Match(error.Message) is { Success: true } missing && Find(command, missing.Groups[1].Value) is { } option)
            return $"{option.Name} {option.HelpName} is missing. {option.Description}";
        if (MissingValue().Match(error.Message) is { Success: true } bare && Find(command, bare.Groups[1].Value) is { } valueless)
            return $"{valueless.Name} needs a value, {valueless.HelpName}. {valueless.Description}";
        if (MissingArgument().Match(error.Message) is { Success: true } absent && command.Arguments.FirstOrDefault(argument => argument.Name == absent.Groups[1].Value) is { } needed)
            return $"{needed.Name} is missing. {needed.Description}";
        return error.Message;
    }

    private static Option? Find(Command command, string name) => Options(command).FirstOrDefault(option => option.Name == name);

    private static IEnumerable<Option> Options(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(Options).Where(option => option.Recursive)).Where(option => !option.Hidden).Distinct();

    private static string Kind(string type) => type switch
    {
        _ when type.Contains("UInt", StringComparison.Ordinal) => "a whole number from 0 on",
        _ when type.Contains("Int", StringComparison.Ordinal) => "a whole number",
        _ when type.Contains("Double", StringComparison.Ordinal) => "a number",
        _ => "another kind of value",
    };

    [GeneratedRegex("^Cannot parse argument '(.*)' for option '(.*)' as expected type '(.*)'")]
    private static partial Regex WrongType();

    [GeneratedRegex("^Option '(.*)' is required")]
    private static partial Regex MissingOption();

    [GeneratedRegex("^Required argument missing for option: '(.*)'")]
    private static partial Regex MissingValue();

    [GeneratedRegex("^Required argument '(.*)' missing for command")]
    private static partial Regex MissingArgument();
}
