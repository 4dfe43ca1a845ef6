using System.Text;
using EventFeatures.Cli.CommandLine;

namespace EventFeatures.Cli.Files;

/// <summary>Reads a user's text line by line, and says after which line it could not be read any further.</summary>
internal sealed class LineReader(string name, StreamReader text) : TextReader
{
    private int _lines;

    /// <summary>The file, as messages call it.</summary>
    public string Name => name;

    public override int Peek() => Guard(text.Peek);

    public override int Read() => Guard(text.Read);

    public override string? ReadLine() => Counted(Guard(text.ReadLine));

    public override string ReadToEnd() => Guard(text.ReadToEnd);

    public override async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A terminal's read cannot be called off; then only the waiting for it is.
            return Counted(await text.ReadLineAsync(cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (Exception error) when (error is DecoderFallbackException or IOException)
        {
            throw Broken(error);
        }
    }

    public override Task<string?> ReadLineAsync() => ReadLineAsync(CancellationToken.None).AsTask();

    protected override void Dispose(bool disposing)
    {
        if (disposing) text.Dispose();
        base.Dispose(disposing);
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

    private string? Counted(string? line)
    {
        if (line is not null) _lines++;
        return line;
    }

    private UsageException Broken(Exception error) => error is IOException
        ? new UsageException($"{name} cannot be read past line {_lines}: {error.Message}", error)
        : new UsageException($"{name}: after line {_lines} there are bytes that are no UTF-8 text. Name a text file, or convert this one, for example with: iconv -t UTF-8", error);
}
