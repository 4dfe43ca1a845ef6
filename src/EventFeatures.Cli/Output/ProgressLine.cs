using System.Diagnostics;
using System.Globalization;

namespace EventFeatures.Cli.Output;

/// <summary>
/// Progress of long work, on standard error: rewritten in place on a terminal, a line every few seconds elsewhere,
/// so that a log file stays readable. It goes on showing the time while nothing is reported. It is a courtesy: where it
/// cannot be written it is not shown any more, and the work goes on. Safe for any number of threads.
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    private static readonly TimeSpan TerminalPeriod = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FilePeriod = TimeSpan.FromSeconds(5);

    private readonly TextWriter _error;
    private readonly bool _terminal;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Lock _lock = new();
    private readonly Timer _timer;
    private string _what;
    private (long Done, long Total, string Detail) _state = (0, 0, "");
    private int _shownLength;
    private bool _ended;

    /// <param name="error">Where to show it.</param>
    /// <param name="what">What is done, in a word.</param>
    /// <param name="terminal">Whether <paramref name="error"/> is a terminal.</param>
    public ProgressLine(TextWriter error, string what, bool terminal)
    {
        (_error, _what, _terminal) = (error, what, terminal);
        var period = terminal ? TerminalPeriod : FilePeriod;
        _timer = new Timer(_ => Show(), null, period, period);
    }

    /// <summary>States how much is done.</summary>
    /// <param name="done">So many.</param>
    /// <param name="total">Of so many; 0 where nobody knows.</param>
    /// <param name="detail">What else there is to say.</param>
    public void Report(long done, long total, string detail = "")
    {
        lock (_lock) _state = (done, total, detail);
    }

    /// <summary>The same of a named stage; another one than before starts its own count.</summary>
    public void Report(string stage, long done, long total)
    {
        lock (_lock)
        {
            if (stage != _what) _watch.Restart();
            (_what, _state) = (stage, (done, total, ""));
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_ended) return;
            if (_shownLength > 0) TryWrite(() => _error.Write("\r" + new string(' ', _shownLength) + "\r"));
            End();
        }
    }

    /// <summary>What is shown: how much, how fast and how long still, or for how long already where there is no count.</summary>
    public static string Text(string what, long done, long total, TimeSpan elapsed, string detail)
    {
        if (total <= 0 && done <= 0) return $"{what,-10} {Clock(elapsed)}  {detail}".TrimEnd();
        var rate = elapsed.TotalSeconds > 0 ? done / elapsed.TotalSeconds : 0;
        var left = rate > 0 && total > done ? $"  {Clock(TimeSpan.FromSeconds((total - done) / rate))} left" : "";
        var of = total > 0 ? string.Create(CultureInfo.InvariantCulture, $" of {total:N0}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{what,-10} {done:N0}{of}  {rate:N0}/s{left}  {detail}").TrimEnd();
    }

    private static string Clock(TimeSpan time) => time.ToString(time.TotalHours < 1 ? @"m\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture);

    /// <summary>Shows how it stands; the timer calls it.</summary>
    internal void Show()
    {
        lock (_lock)
        {
            if (_ended) return;
            var text = Text(_what, _state.Done, _state.Total, _watch.Elapsed, _state.Detail);
            TryWrite(() => Write(text));
        }
    }

    private void Write(string text)
    {
        if (!_terminal)
        {
            _error.WriteLine(text);
            return;
        }
        // A longer line would wrap, and then not be overwritten.
        var width = Math.Max(20, Console.BufferWidth - 1);
        if (text.Length > width) text = text[..width];
        _error.Write("\r" + text.PadRight(_shownLength));
        _shownLength = text.Length;
    }

    // On the timer's thread nobody could catch it, and at the work's end it would hide how that ended.
    private void TryWrite(Action write)
    {
        try
        {
            write();
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            End();
        }
    }

    private void End()
    {
        _ended = true;
        _timer.Dispose();
    }
}
