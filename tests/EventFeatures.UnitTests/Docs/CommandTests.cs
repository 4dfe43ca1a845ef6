using System.CommandLine;
using System.Text.RegularExpressions;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Testing.Systems;
using EventFeatures.UnitTests.Architecture;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Docs;

public sealed partial class CommandTests
{
    /// <summary>Verbs of the script alone, which hands them to the benchmark project.</summary>
    private static readonly string[] OfTheScript = ["bench", "soak"];

    private static readonly RootCommand Root = EventFeaturesCommand.Create();

    public static TheoryData<string> Verbs => [.. Leaves(Root, "")];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_verb_is_shown_in_the_readme(string verb) =>
        SourceTree.Read("README.md").ShouldMatch($@"eventfeatures {verb}(?![\w-])", "Show it among the common tasks.");

    [Fact]
    public void Every_verb_that_the_readme_shows_exists() => Shown().Matches(SourceTree.Read("README.md")).Select(match => match.Groups[1].Value)
        .Except([.. Root.Subcommands.Select(verb => verb.Name), .. OfTheScript]).ShouldBeEmpty();

    [Fact]
    public void Every_verb_and_option_says_what_it_does()
    {
        var silent =
            from command in Root.Subcommands.SelectMany(All)
            from symbol in command.Options.Where(option => !option.Hidden).Cast<Symbol>().Concat(command.Arguments).Append(command)
            where string.IsNullOrWhiteSpace(symbol.Description)
            select $"{command.Name} {symbol.Name}";

        silent.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task The_help_of_a_verb_ends_with_examples_that_can_be_typed(string verb)
    {
        var help = await CommandRun.Of([.. verb.Split(' '), "--help"]);

        help.ExitCode.ShouldBe(0, help.ToString());
        var examples = help.Output.Split("Examples:")[1].Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith("  ", StringComparison.Ordinal)).ToList();
        examples.ShouldNotBeEmpty();
        examples.ShouldAllBe(example => example.Contains($"eventfeatures {verb}", StringComparison.Ordinal));
        foreach (var example in examples) Root.Parse(Words(example)).Errors.ShouldBeEmpty(example);
    }

    /// <summary>As a shell splits it, without the command itself.</summary>
    private static string[] Words(string line) => [.. Word().Matches(line).Select(word => word.Value.Trim('\'')).Skip(1)];

    [GeneratedRegex(@"'[^']*'|\S+")]
    private static partial Regex Word();

    private static IEnumerable<string> Leaves(Command command, string path) => command.Subcommands.Count == 0
        ? [path]
        : command.Subcommands.SelectMany(child => Leaves(child, $"{path} {child.Name}".Trim()));

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);

    [GeneratedRegex(@"ops/eventfeatures ([a-z][a-z-]*)")]
    private static partial Regex Shown();
}
