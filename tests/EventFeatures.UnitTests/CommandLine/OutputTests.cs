using System.Text;
using EventFeatures.Cli.CommandLine;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.CommandLine;

public sealed class OutputTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("append --help")]
    [InlineData("--version")]
    public async Task Output_without_room_is_told_in_one_line(string line)
    {
        await using var full = new FullWriter();
        await using var errors = new StringWriter();

        (await EventFeaturesCommand.RunAsync(line.Split(' '), full, errors)).ShouldBe(ExitCode.DependencyDown);

        errors.ToString().ShouldBe("The output cannot be written: No space left on device. Make room, or send it elsewhere." + Environment.NewLine);
    }

    [Theory]
    [InlineData("--help", ExitCode.DependencyDown)]
    [InlineData("appnd", ExitCode.Malformed)]
    public async Task Where_nothing_can_be_written_the_exit_code_alone_tells(string line, int exitCode)
    {
        await using var full = new FullWriter();

        (await EventFeaturesCommand.RunAsync(line.Split(' '), full, full)).ShouldBe(exitCode);
    }

    [Fact]
    public async Task A_verb_that_fails_with_nowhere_to_say_so_keeps_its_exit_code()
    {
        await using var full = new FullWriter();

        (await EventFeaturesCommand.RunAsync(["append", "--file", "/nowhere/file"], full, full)).ShouldBe(ExitCode.Malformed);
    }

    /// <summary>A file on a full disk.</summary>
    private sealed class FullWriter : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => throw new IOException("No space left on device");
    }
}
