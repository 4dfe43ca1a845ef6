using System.Text;
using EventFeatures.Cli.CommandLine;

namespace EventFeatures.Cli.Files;

/// <summary>Opens the files that a user names; what is wrong with one is said with its name and what to do.</summary>
internal static class UserFile
{
    /// <summary>Stands for standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>Goes on from "there are bytes that are": what is wrong, and what to do.</summary>
    public const string NotUtf8 = "no UTF-8 text. Name a text file, or save this one as UTF-8, for example with: iconv -f ENCODING -t UTF-8, where ENCODING is what it is in, such as UTF-16 or LATIN1";

    // Broken bytes are an error rather than question marks in somebody's data. That it has a mark has the mark passed over.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true);

    /// <summary>
    /// A user's text, which is UTF-8; a byte order mark of it is passed over. Bytes that are none, also those of UTF-16 with
    /// its mark, end the reading with <see cref="DecoderFallbackException"/>.
    /// </summary>
    public static StreamReader Decode(Stream bytes) =>
        // Where it looks for marks itself, the reader goes on with an encoding that lets broken bytes pass.
        new(bytes, StrictUtf8, detectEncodingFromByteOrderMarks: false, bufferSize: 4096);

    /// <summary>A file's lines, or those of standard input; a byte order mark is passed over.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static LineReader OpenText(string path) => path == StandardInput
        ? new LineReader(NameOf(path), Decode(Console.OpenStandardInput()))
        : new LineReader(path, Decode(Open(path)));

    /// <summary>A file's bytes, or those of standard input.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static Stream OpenStream(string path) => path == StandardInput ? Console.OpenStandardInput() : Open(path);

    /// <summary>What messages call a file.</summary>
    public static string NameOf(string path) => path == StandardInput ? "standard input" : path;

    /// <summary>A whole file as text.</summary>
    /// <exception cref="UsageException">It cannot be read, or has more than <paramref name="bytesMax"/> bytes.</exception>
    public static string ReadText(string path, long bytesMax)
    {
        using var bytes = ReadAll(path, bytesMax);
        using var reader = new LineReader(path, Decode(bytes));
        return reader.ReadToEnd();
    }

    /// <summary>Refuses what cannot be opened, for whoever reads the file by other means.</summary>
    /// <exception cref="UsageException">It is missing, a folder, or may not be read.</exception>
    public static void RefuseMissing(string path) => Open(path).Dispose();

    /// <summary>Refuses a pipe where a file is read twice: the second time it would be empty.</summary>
    /// <param name="path">The file.</param>
    /// <param name="why">Goes on from "is a pipe": why that does not do, and what to do.</param>
    /// <exception cref="UsageException">It is a pipe, or cannot be opened.</exception>
    public static void RefusePipe(string path, string why)
    {
        using var file = Open(path);
        if (!file.CanSeek) throw new UsageException($"{path} is a pipe, {why}");
    }

    /// <summary>A whole file, which may be a pipe.</summary>
    /// <exception cref="UsageException">It cannot be read, is empty, or has more than <paramref name="bytesMax"/> bytes.</exception>
    public static byte[] ReadBytes(string path, long bytesMax)
    {
        using var bytes = ReadAll(path, bytesMax);
        if (bytes.Length == 0) throw new UsageException($"{path} is empty. Is it the right file?");
        return bytes.ToArray();
    }

    private static MemoryStream ReadAll(string path, long bytesMax)
    {
        using var file = Open(path);
        if (file.CanSeek && file.Length > bytesMax) throw new UsageException($"{path} has {file.Length:N0} bytes, above the bound of {bytesMax:N0}. Is it the right file?");
        // Counted while it is read: a pipe has no length, and a file may grow meanwhile.
        var bytes = new MemoryStream(file.CanSeek ? (int)file.Length : 0);
        try
        {
            var buffer = new byte[64 * 1024];
            while (file.Read(buffer) is var read and > 0)
            {
                if (bytes.Length + read > bytesMax) throw new UsageException($"{path} has more than {bytesMax:N0} bytes, the bound. Is it the right file?");
                bytes.Write(buffer, 0, read);
            }
        }
        catch (IOException error)
        {
            throw new UsageException($"{path} cannot be read to its end: {error.Message}", error);
        }
        bytes.Position = 0;
        return bytes;
    }

    private static FileStream Open(string path)
    {
        if (path.Length == 0) throw new UsageException("The file's name is empty. Name a file.");
        if (Directory.Exists(path)) throw new UsageException($"{path} is a folder. Name a file in it.");
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException($"There is no file '{path}'{(Path.IsPathRooted(path) ? "" : $" in {Environment.CurrentDirectory}")}. Check its name and folder.", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new UsageException($"{path} may not be read by this account ({Environment.UserName}). Ask its owner for read permission, or name a copy.", error);
        }
        catch (IOException error)
        {
            throw new UsageException($"{path} cannot be opened: {error.Message}", error);
        }
    }
}
