using System.Diagnostics;
using System.Globalization;

namespace EventFeatures.Cli.Output;

/// <summary>
/// Progress of long work, on standard error: rewritten in place on a terminal, a line every few seconds elsewhere,
/// so that a log file stays readable. Safe for any number of threads.
/// </summary>
internal sealed class ProgressLine(TextWriter error, string what) : IDisposable
{
    private static readonly TimeSpan TerminalPeriod = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FilePeriod = TimeSpan.FromSeconds(5);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly bool _terminal = !Console.IsErrorRedirected;
    private readonly Lock _lock = new();
    private TimeSpan _shownAt = TimeSpan.MinValue;
    private int _shownLength;

    public void Report(long done, long total, string detail = "")
    {
        lock (_lock)
        {
            var elapsed = _watch.Elapsed;
            if (elapsed < _shownAt + (_terminal ? TerminalPeriod : FilePeriod) && _shownAt >= TimeSpan.Zero) return;
            if (!_terminal && _shownAt < TimeSpan.Zero && elapsed < FilePeriod) return;
            _shownAt = elapsed;
            Show(done, total, elapsed, detail);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_terminal && _shownLength > 0) error.Write("\r" + new string(' ', _shownLength) + "\r");
            _shownLength = 0;
        }
    }

    private void Show(long done, long total, TimeSpan elapsed, string detail)
    {
        var rate = elapsed.TotalSeconds > 0 ? done / elapsed.TotalSeconds : 0;
        var remaining = rate > 0 && total > done ? TimeSpan.FromSeconds((total - done) / rate) : TimeSpan.Zero;
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{what,-10} {done:N0} of {total:N0}  {rate:N0}/s  {remaining:m\\:ss} left  {detail}").TrimEnd();
        if (_terminal)
        {
            error.Write("\r" + text.PadRight(_shownLength));
            _shownLength = text.Length;
        }
        else
        {
            error.WriteLine(text);
        }
    }
}
