using System.Text;
using EventFeatures.Cli.CommandLine;

namespace EventFeatures.Cli.Files;

/// <summary>Opens the files that a user names; what is wrong with one is said with its name and what to do.</summary>
internal static class UserFile
{
    /// <summary>Stands for standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>Broken bytes are an error rather than question marks in somebody's data.</summary>
    public static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A file's lines, or those of standard input; a byte order mark is passed over.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static LineReader OpenText(string path) => path == StandardInput
        ? new LineReader(NameOf(path), new StreamReader(Console.OpenStandardInput(), StrictUtf8))
        : new LineReader(path, new StreamReader(Open(path), StrictUtf8));

    /// <summary>A file's bytes, or those of standard input.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static Stream OpenStream(string path) => path == StandardInput ? Console.OpenStandardInput() : Open(path);

    /// <summary>What messages call a file.</summary>
    public static string NameOf(string path) => path == StandardInput ? "standard input" : path;

    /// <summary>A whole file as text.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static string ReadText(string path)
    {
        using var reader = OpenText(path);
        return reader.ReadToEnd();
    }

    /// <summary>A whole file.</summary>
    /// <exception cref="UsageException">It cannot be read, or has more than <paramref name="bytesMax"/> bytes.</exception>
    public static byte[] ReadBytes(string path, long bytesMax)
    {
        using var file = Open(path);
        if (file.Length > bytesMax) throw new UsageException($"{path} has {file.Length:N0} bytes, above the bound of {bytesMax:N0}. Is it the right file?");
        if (file.Length == 0) throw new UsageException($"{path} is empty. Is it the right file?");
        var bytes = new byte[file.Length];
        try
        {
            file.ReadExactly(bytes);
        }
        catch (IOException error)
        {
            throw new UsageException($"{path} cannot be read to its end: {error.Message}", error);
        }
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
