using System.Diagnostics;
using System.Text;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Files;
using EventFeatures.Testing.Specs;
using EventFeatures.Testing.Systems;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.CommandLine;

/// <summary>Files as careless users bring them. No server is needed to say what is wrong with a file.</summary>
public sealed class UserFileTests : IDisposable
{
    private const string Event = """{"stream": "card-1", "type": "PaymentAuthorised", "time": "2026-01-01T00:00:00Z", "data": {}}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("eventfeatures-files-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string[]> VerbsWithAFile => new(
        ["append", "--file"],
        ["training-set", "--service", "fraud", "--spine"],
        ["models", "train", "fraud", "--spine"],
        ["models", "register", "fraud", "--file"],
        ["demo", "electricity", "--input"],
        ["up", "--log-users"],
        ["up", "--producer-quotas"],
        ["evaluate", "--definitions", ".", "--view", "v", "--spine", "/dev/null", "--events"]);

    [Theory]
    [MemberData(nameof(VerbsWithAFile))]
    public async Task A_missing_file_is_named_with_what_to_do(string[] verb)
    {
        var run = await RunAsync(verb, "/nowhere/file");

        run.ExitCode.ShouldBe(2, run.ToString());
        run.Errors.ShouldContain("There is no file '/nowhere/file'");
        run.Errors.ShouldContain("Check its name");
        run.Errors.ShouldNotContain("   at ");
    }

    [Theory]
    [MemberData(nameof(VerbsWithAFile))]
    public async Task A_folder_in_place_of_a_file_is_told_as_one(string[] verb)
    {
        var run = await RunAsync(verb, _folder);

        run.ExitCode.ShouldBe(2, run.ToString());
        run.Errors.ShouldContain($"{_folder} is a folder. Name a file in it.");
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("evaluate --view v --events /dev/null --spine /dev/null --definitions")]
    public async Task A_definition_file_that_is_too_large_is_named_also_where_its_folder_was(string verb)
    {
        var path = Path.Combine(_folder, "events.json");
        await using (var large = File.Create(path)) large.SetLength((4 * 1024 * 1024) + 1);

        var run = await RunAsync(verb.Split(' '), _folder);

        run.ExitCode.ShouldBe(2, run.ToString());
        run.Errors.ShouldContain($"{path} has 4,194,305 bytes, above the bound of 4,194,304.");
    }

    [Fact]
    public async Task Definition_files_that_are_too_large_together_are_refused()
    {
        for (var file = 0; file < 9; file++)
        {
            await using var large = File.Create(Path.Combine(_folder, $"{file}.yaml"));
            large.SetLength(4 * 1024 * 1024);
        }

        var run = await RunAsync(["plan"], _folder);

        run.ExitCode.ShouldBe(2, run.ToString());
        run.Errors.ShouldContain($"With {Path.Combine(_folder, "8.yaml")} the files have more than 32 MiB together");
    }

    [Fact]
    public async Task A_file_of_more_rows_than_one_call_takes_is_refused_at_the_first_that_is_too_many()
    {
        var path = Write(string.Concat(Enumerable.Range(0, 1_001).Select(row => $"{{\"card\": \"{row}\"}}\n")) + "not read any more");

        var run = await RunAsync(["features", "batch", "--service", "fraud", "--file"], path);

        run.ExitCode.ShouldBe(2, run.ToString());
        run.Errors.ShouldContain($"{path}:1001: this is one row more than the 1,000 of one call. Split the file");
    }

    [Fact]
    public async Task A_file_by_a_relative_name_is_told_with_the_folder_that_was_searched() =>
        (await RunAsync(["append", "--file"], "no-such.jsonl")).Errors.ShouldContain($"'no-such.jsonl' in {Environment.CurrentDirectory}");

    [Theory]
    [InlineData("")]
    [InlineData("\n \r\n")]
    [InlineData("\uFEFF")]
    public async Task An_empty_file_is_told_with_what_a_line_looks_like(string text)
    {
        var events = await RunAsync(["append", "--file"], Write(text));
        var spine = await RunAsync(["training-set", "--service", "fraud", "--spine"], Write(text));

        events.ExitCode.ShouldBe(2, events.ToString());
        events.Errors.ShouldContain("is empty. A line of it looks like {\"stream\": ");
        spine.ExitCode.ShouldBe(2, spine.ToString());
        spine.Errors.ShouldContain("is empty. A line of it looks like {\"card\": ");
    }

    [Theory]
    [InlineData("{\"stream\"", "not a JSON object on one line")]
    [InlineData("[1]", "has to be a JSON object")]
    [InlineData("""{"type": "T", "data": {}}""", "'stream' is missing")]
    [InlineData("""{"stream": "card-1", "type": 7, "data": {}}""", "'type' has to be a text")]
    [InlineData("""{"stream": "card-1", "type": "T"}""", "'data' is missing")]
    [InlineData("""{"stream": "card-1", "type": "T", "data": {}, "time": "noon"}""", "'time' is \"noon\"")]
    [InlineData("""{"stream": "card-1", "type": "T", "data": {}, "id": "7"}""", "'id' is \"7\", but an event's id is a UUID")]
    [InlineData("""{"stream": "card-1", "type": "T", "data": {}, "recorded_at": "2026-01-01T00:00:00Z"}""", "Did you mean 'recordedAt'?")]
    public async Task A_line_that_is_no_event_is_told_with_its_number_whatever_ends_the_lines(string line, string problem)
    {
        foreach (var end in (string[])["\n", "\r\n"])
        {
            var path = Write($"{Event}{end}{end}{line}{end}");
            var run = await RunAsync(["append", "--file"], path);

            run.ExitCode.ShouldBe(2, run.ToString());
            run.Errors.ShouldContain($"{path}:3: ");
            run.Errors.ShouldContain(problem);
            run.Errors.ShouldNotContain("LineNumber");
        }
    }

    [Theory]
    [InlineData("""{"card": "1"}""", "'time' is missing")]
    [InlineData("""{"card": "1", "time": "noon"}""", "'time' is \"noon\"")]
    [InlineData("""{"card": "1", "time": "2026-01-01T00:00:00Z", "label": "yes"}""", "a label is 1 or 0")]
    public async Task A_line_that_is_no_spine_row_is_told_with_its_number(string line, string problem)
    {
        var path = Write($$"""{"card": "1", "time": "2026-01-01T00:00:00Z"}{{"\n"}}{{line}}""");
        var run = await RunAsync(["models", "train", "fraud", "--spine"], path);

        run.ExitCode.ShouldBe(2, run.ToString());
        run.Errors.ShouldContain($"{path}:2: ");
        run.Errors.ShouldContain(problem);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_told_with_the_line_before_them()
    {
        var path = Path.Combine(_folder, "latin1.jsonl");
        File.WriteAllBytes(path, [.. Encoding.UTF8.GetBytes(Event + "\n"), .. Encoding.Latin1.GetBytes("{\"stream\": \"café\"}\n")]);

        var run = await RunAsync(["append", "--file"], path);

        run.ExitCode.ShouldBe(2, run.ToString());
        run.Errors.ShouldContain(path);
        run.Errors.ShouldContain("no UTF-8 text");
    }

    [Theory]
    [InlineData("append --file", "events.jsonl")]
    [InlineData("training-set --service fraud --spine", "spine.jsonl")]
    [InlineData("training-set --service fraud --spine", "spine.csv")]
    public async Task A_byte_order_mark_does_not_let_broken_bytes_pass(string verb, string name)
    {
        var path = Path.Combine(_folder, name);
        var line = name.EndsWith("csv", StringComparison.Ordinal) ? "card,time\ncaf\u00e9,2026-01-01T00:00:00Z\n" : Event.Replace("card-1", "caf\u00e9", StringComparison.Ordinal) + "\n";
        foreach (var bytes in (byte[][])[[.. Encoding.UTF8.Preamble, .. Encoding.Latin1.GetBytes(line)], [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(line)], [.. Encoding.UTF32.Preamble, .. Encoding.UTF32.GetBytes(line)]])
        {
            File.WriteAllBytes(path, bytes);
            var run = await RunAsync(verb.Split(' '), path);

            run.ExitCode.ShouldBe(2, run.ToString());
            run.Errors.ShouldContain($"{path}: after line ");
            run.Errors.ShouldContain("there are bytes that are no UTF-8 text. Name a text file, or save this one as UTF-8");
        }
    }

    [Fact]
    public async Task A_byte_order_mark_before_good_text_is_passed_over()
    {
        var path = Path.Combine(_folder, "marked.jsonl");
        File.WriteAllText(path, "\uFEFFcaf\u00e9\n", new UTF8Encoding(false));

        using var lines = UserFile.OpenText(path);

        (await lines.ReadLineAsync(CancellationToken.None)).ShouldBe("caf\u00e9");
        UserFile.ReadText(path, 100).ShouldBe("caf\u00e9\n");
    }

    [Fact]
    public async Task A_spine_without_a_row_is_said_to_be_one()
    {
        var folder = Path.Combine(RepositoryFolder.Path, "ops", "demo", "evaluate");

        var run = await CommandRun.Of("evaluate", "--definitions", Path.Combine(folder, "definitions.yaml"), "--view", "orders", "--events", Path.Combine(folder, "events.jsonl"), "--spine", "/dev/null");

        run.ExitCode.ShouldBe(0, run.ToString());
        run.Output.ShouldBeEmpty();
        run.Errors.ShouldContain("/dev/null has no row, so nothing was computed. A line of it looks like {\"card\": ");
    }

    [Fact]
    public async Task A_pipe_of_events_is_refused_before_it_is_read_since_it_cannot_be_read_twice()
    {
        var path = await PipeAsync();
        var writing = Task.Run(() => WriteTo(path, []));

        var run = await RunAsync(["append", "--file"], path);
        await writing;

        run.ExitCode.ShouldBe(2, run.ToString());
        run.Errors.ShouldContain($"{path} is a pipe, and a file of events is checked to its end before any is sent. Name a file, or give the events on standard input with --file -");
    }

    [Fact]
    public async Task A_named_pipe_of_spine_rows_is_refused_since_whoever_writes_it_leaves_when_it_is_closed()
    {
        var path = await PipeAsync();
        var writing = Task.Run(() => WriteTo(path, []));

        var run = await RunAsync(["training-set", "--service", "fraud", "--spine"], path);
        await writing;

        run.ExitCode.ShouldBe(2, run.ToString());
        run.Errors.ShouldContain($"{path} is a named pipe, which is opened twice here. Name a file, or give the rows on standard input with --spine -");
    }

    [Fact]
    public async Task A_model_comes_through_a_pipe_up_to_its_bound()
    {
        (await ThroughPipeAsync([1, 2, 3], bytesMax: 3)).ShouldBe([1, 2, 3]);

        (await Should.ThrowAsync<UsageException>(() => ThroughPipeAsync([1, 2, 3], bytesMax: 2))).Message.ShouldContain("has more than 2 bytes");
        (await Should.ThrowAsync<UsageException>(() => ThroughPipeAsync([], bytesMax: 2))).Message.ShouldContain("is empty");
    }

    private async Task<byte[]> ThroughPipeAsync(byte[] bytes, long bytesMax)
    {
        var path = await PipeAsync();
        var writing = Task.Run(() => WriteTo(path, bytes));
        try
        {
            return UserFile.ReadBytes(path, bytesMax);
        }
        finally
        {
            await writing;
        }
    }

    /// <summary>A named pipe: whoever opens one end waits for the other, so nobody comes too late.</summary>
    private async Task<string> PipeAsync()
    {
        var path = Path.Combine(_folder, Guid.NewGuid().ToString("n"));
        using var make = Process.Start("mkfifo", [path]);
        await make.WaitForExitAsync();
        make.ExitCode.ShouldBe(0);
        return path;
    }

    private static void WriteTo(string pipe, byte[] bytes)
    {
        using var end = new FileStream(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        end.Write(bytes);
    }

    private string Write(string text)
    {
        var path = Path.Combine(_folder, "file.jsonl");
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>With a home that has no server: a file is checked before a server is asked for.</summary>
    private Task<CommandRun> RunAsync(string[] verb, string file) =>
        CommandRun.Of([.. verb, file, "--home", Path.Combine(_folder, "home")]);
}
