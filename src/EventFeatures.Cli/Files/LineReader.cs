using System.Globalization;
using System.Text;
using EventFeatures.Cli.CommandLine;

namespace EventFeatures.Cli.Files;

/// <summary>
/// Reads a user's text line by line, and says after which line it could not be read any further. A line has a bound, as
/// a file of another kind may be one line of any length.
/// </summary>
internal sealed class LineReader(string name, StreamReader text) : TextReader
{
    /// <summary>The most characters of a line: 16 Mi.</summary>
    public const int LineLengthMax = 16 * 1024 * 1024;

    private readonly char[] _buffer = new char[4096];
    private readonly StringBuilder _begun = new();
    private int _next;
    private int _end;
    private int _lines;

    // A line feed after a carriage return is of the same line end, and may come with the next buffer.
    private bool _afterReturn;

    /// <summary>The file, as messages call it.</summary>
    public string Name => name;

    public override int Peek() => HasCharacter() ? _buffer[_next] : -1;

    public override int Read() => HasCharacter() ? _buffer[_next++] : -1;

    public override string? ReadLine()
    {
        string? line;
        while (!TakeLine(out line))
            if (!Fill()) return TakeRest();
        return line;
    }

    public override string ReadToEnd() =>
        HasCharacter() ? string.Concat(_buffer.AsSpan(_next, _end - _next), Guard(text.ReadToEnd)) : "";

    public override async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        string? line;
        while (!TakeLine(out line))
            if (!await FillAsync(cancellationToken).ConfigureAwait(false)) return TakeRest();
        return line;
    }

    public override Task<string?> ReadLineAsync() => ReadLineAsync(CancellationToken.None).AsTask();

    protected override void Dispose(bool disposing)
    {
        if (disposing) text.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Takes what the buffer has of the line; whether that is its end.</summary>
    private bool TakeLine(out string? line)
    {
        SkipLineFeed();
        var rest = _buffer.AsSpan(_next, _end - _next);
        var length = rest.IndexOfAny('\r', '\n');
        var part = length < 0 ? rest : rest[..length];
        if (_begun.Length + part.Length > LineLengthMax)
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{name}:{_lines + 1}: the line has more than {LineLengthMax:N0} characters, the bound. Write one JSON object a line; of a JSON array, for example with: jq -c '.[]'"));
        _next += part.Length;
        line = null;
        if (length < 0)
        {
            _begun.Append(part);
            return false;
        }
        _afterReturn = _buffer[_next++] == '\r';
        line = _begun.Length == 0 ? part.ToString() : _begun.Append(part).ToString();
        _begun.Clear();
        _lines++;
        return true;
    }

    /// <summary>The last line, where nothing ends it; <see langword="null"/> after the last.</summary>
    private string? TakeRest()
    {
        if (_begun.Length == 0) return null;
        var line = _begun.ToString();
        _begun.Clear();
        _lines++;
        return line;
    }

    private bool HasCharacter()
    {
        SkipLineFeed();
        while (_next == _end)
        {
            if (!Fill()) return false;
            SkipLineFeed();
        }
        return true;
    }

    private void SkipLineFeed()
    {
        if (!_afterReturn || _next == _end) return;
        if (_buffer[_next] == '\n') _next++;
        _afterReturn = false;
    }

    private bool Fill()
    {
        (_next, _end) = (0, 0);
        _end = Guard(() => text.Read(_buffer));
        return _end > 0;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        (_next, _end) = (0, 0);
        try
        {
            // A terminal's read cannot be called off; then only the waiting for it is.
            _end = await text.ReadAsync(_buffer, cancellation).AsTask().WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (error is DecoderFallbackException or IOException)
        {
            throw Broken(error);
        }
        return _end > 0;
    }

    private T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is DecoderFallbackException or IOException)
        {
            throw Broken(error);
        }
    }

    private UsageException Broken(Exception error) => error is IOException
        ? new UsageException($"{name} cannot be read past line {_lines}: {error.Message}", error)
        : new UsageException($"{name}: after line {_lines} there are bytes that are {UserFile.NotUtf8}", error);
}
