using System.Text;
using EventFeatures.Cli.Output;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.CommandLine;

public sealed class ProgressLineTests
{
    [Theory]
    [InlineData(0, 0, 5, "", "train      0:05")]
    [InlineData(0, 0, 3_725, "views", "train      1:02:05  views")]
    [InlineData(0, 100, 5, "", "train      0 of 100  0/s")]
    [InlineData(5_000, 20_000, 10, "", "train      5,000 of 20,000  500/s  0:30 left")]
    [InlineData(5_000, 0, 10, "", "train      5,000  500/s")]
    [InlineData(100, 100, 10, "done", "train      100 of 100  10/s  done")]
    public void Progress_says_how_much_how_fast_and_how_long(long done, long total, int seconds, string detail, string text) =>
        ProgressLine.Text("train", done, total, TimeSpan.FromSeconds(seconds), detail).ShouldBe(text);

    [Fact]
    public void Work_that_is_over_at_once_shows_nothing_in_a_log_file()
    {
        using var error = new StringWriter();
        using (var progress = new ProgressLine(error, "train", terminal: false)) progress.Report(1, 2);

        error.ToString().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Work_goes_on_where_its_progress_cannot_be_written(bool terminal)
    {
        foreach (var gone in (Exception[])[new IOException("No space left on device"), new ObjectDisposedException("stderr")])
        {
            using var error = new FailingWriter(gone, writesBefore: 0);
            using var progress = new ProgressLine(error, "train", terminal);

            progress.Show();
            progress.Show();
            progress.Report(1, 2);

            error.Attempts.ShouldBe(1);
        }
    }

    [Fact]
    public void A_terminal_that_is_gone_when_work_ends_is_let_go()
    {
        using var error = new FailingWriter(new IOException("Input/output error"), writesBefore: 1);
        var progress = new ProgressLine(error, "train", terminal: true);

        progress.Show();
        progress.Dispose();

        error.Attempts.ShouldBe(2);
    }

    /// <summary>Takes so many writes before it fails each.</summary>
    private sealed class FailingWriter(Exception error, int writesBefore) : TextWriter
    {
        public int Attempts { get; private set; }

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(string? value)
        {
            if (++Attempts > writesBefore) throw error;
        }

        public override void WriteLine(string? value) => Write(value);
    }
}
