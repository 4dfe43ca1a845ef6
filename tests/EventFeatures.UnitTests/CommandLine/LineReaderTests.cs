using System.Text;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Files;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.CommandLine;

/// <summary>Lines of a user's text, wherever the reader's buffers end.</summary>
public sealed class LineReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Lines_are_those_of_the_text_whatever_ends_them(int seed)
    {
        var random = new Random(seed);
        var ends = (string[])["\n", "\r\n", "\r", "\n\n", ""];
        var text = string.Concat(Enumerable.Range(0, 60).Select(_ => new string('é', random.Next(0, 700)) + ends[random.Next(ends.Length)]))
            // A line end that two buffers share, and one that ends the text.
            + new string('x', 8_191) + "\r\n" + new string('y', 4_095) + "\r\nlast" + ends[seed];
        var expected = new List<string>();
        using (var reader = new StringReader(text))
            while (await reader.ReadLineAsync() is { } line) expected.Add(line);

        var (waited, read) = (new List<string>(), new List<string>());
        using (var reader = Reader(text))
            while (await reader.ReadLineAsync(CancellationToken.None) is { } line) waited.Add(line);
        using (var reader = Reader(text))
            while (reader.ReadLine() is { } line) read.Add(line);

        waited.ShouldBe(expected);
        read.ShouldBe(expected);
        using var whole = Reader(text);
        whole.ReadToEnd().ShouldBe(text);
    }

    [Fact]
    public void After_a_line_its_end_is_over()
    {
        using var reader = Reader("a\r\nb\r\n");

        reader.ReadLine().ShouldBe("a");
        reader.Peek().ShouldBe('b');
        reader.ReadLine().ShouldBe("b");
        reader.Peek().ShouldBe(-1);
        reader.Read().ShouldBe(-1);
        reader.ReadToEnd().ShouldBe("");
    }

    [Fact]
    public async Task A_line_beyond_the_bound_is_refused_with_its_number()
    {
        using var longest = Reader("a\n" + new string('x', LineReader.LineLengthMax) + "\nb");
        using var longer = Reader("a\n" + new string('x', LineReader.LineLengthMax + 1) + "\nb");

        await longest.ReadLineAsync(CancellationToken.None);
        (await longest.ReadLineAsync(CancellationToken.None))!.Length.ShouldBe(LineReader.LineLengthMax);
        (await longest.ReadLineAsync(CancellationToken.None)).ShouldBe("b");
        await longer.ReadLineAsync(CancellationToken.None);
        (await Should.ThrowAsync<UsageException>(() => longer.ReadLineAsync(CancellationToken.None).AsTask()))
            .Message.ShouldStartWith("lines:2: the line has more than 16,777,216 characters, the bound.");
    }

    private static LineReader Reader(string text) => new("lines", UserFile.Decode(new MemoryStream(Encoding.UTF8.GetBytes(text))));
}
