using System.CommandLine;
using System.Diagnostics;
using System.IO.Pipes;
using System.Text;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Output;
using EventFeatures.Testing.Specs;
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

    [Fact]
    public async Task A_command_whose_output_was_closed_ends_without_a_word()
    {
        await using var closed = new FullWriter(new OutputClosedException());
        await using var errors = new StringWriter();

        (await EventFeaturesCommand.RunAsync(["--help"], closed, errors)).ShouldBe(ExitCode.OutputClosed);
        var verb = new RootCommand { GlobalOptions.Json }.Does(async Task (invocation, _) => await invocation.Out.WriteLineAsync("done"));
        (await verb.Parse(["--json"]).InvokeAsync(new InvocationConfiguration { Output = closed, Error = errors })).ShouldBe(ExitCode.OutputClosed);

        errors.ToString().ShouldBeEmpty();
    }

    [Fact]
    public async Task So_does_a_process_of_its_own()
    {
        // The pipe's reader has ended before the command begins.
        var start = new ProcessStartInfo("bash") { RedirectStandardError = true };
        foreach (var argument in (string[])["-c", "exec 3> >(:); wait $!; dotnet \"$0\" --help >&3", Path.Combine(AppContext.BaseDirectory, "eventfeatures.dll")])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5));

        (await process.StandardError.ReadToEndAsync(deadline.Token)).ShouldBeEmpty();
        await process.WaitForExitAsync(deadline.Token);
        process.ExitCode.ShouldBe(ExitCode.OutputClosed);
    }

    [Fact]
    public async Task A_full_disk_is_told_with_what_to_do()
    {
        await using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write);
        await using var output = new OutputPipe((int)full.SafeFileHandle.DangerousGetHandle());

        output.IsClosed.ShouldBeFalse();
        Should.Throw<OutputFailedException>(() => output.Write("one"u8)).Message
            .ShouldBe("The output cannot be written: No space left on device. Make room, or send it elsewhere.");
    }

    [Fact]
    public async Task A_pipe_is_written_until_its_reader_goes()
    {
        await using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        await using var reader = new AnonymousPipeClientStream(PipeDirection.In, pipe.ClientSafePipeHandle);
        await using var output = new OutputPipe((int)pipe.SafePipeHandle.DangerousGetHandle());

        output.Write("one"u8);
        var read = new byte[3];
        await reader.ReadExactlyAsync(read);
        Encoding.UTF8.GetString(read).ShouldBe("one");
        output.IsClosed.ShouldBeFalse();

        await reader.DisposeAsync();
        // A process that another test starts just now holds the reader's end too, until it becomes another program.
        await Eventually.TrueAsync(() => Task.FromResult(output.IsClosed), TimeSpan.FromMinutes(1), () => "The pipe is still read.");
        Should.Throw<OutputClosedException>(() => output.Write("two"u8));
    }

    [Fact]
    public async Task Work_that_prints_nothing_ends_when_the_reader_goes()
    {
        var read = true;
        var ended = false;
        async Task WorkAsync(CancellationToken over)
        {
            read = false;
            try
            {
                await Task.Delay(Timeout.Infinite, over);
            }
            finally
            {
                ended = true;
            }
        }

        await Should.ThrowAsync<OutputClosedException>(
            () => StandardOutput.WhileAsync(() => read, TimeSpan.FromMilliseconds(10), WorkAsync, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1)));

        ended.ShouldBeTrue();
    }

    /// <summary>A file on a full disk, or what else cannot be written.</summary>
    private sealed class FullWriter(IOException? cause = null) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => throw cause ?? new IOException("No space left on device");
    }
}
