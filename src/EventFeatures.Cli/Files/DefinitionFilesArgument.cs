using System.CommandLine;
using System.Text;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;

namespace EventFeatures.Cli.Files;

/// <summary>Definition files named on the command line: YAML or JSON files, or folders that hold them.</summary>
internal static class DefinitionFilesArgument
{
    /// <summary>The largest file, in bytes: 4 MiB. No definition needs more.</summary>
    public const long FileBytesMax = 4 * MiB;

    private const int MiB = 1024 * 1024;
    private const int FilesMax = 10_000;

    // Below what the server takes in one call.
    private const long AllBytesMax = 32 * MiB;

    public static Argument<string[]> Create() => new("FILES")
    {
        Description = "Definition files (.yaml, .yml, .json), or folders whose files are read, subfolders included.",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <exception cref="UsageException">One is missing, cannot be read or is too large; or they are none, too many or too large together.</exception>
    public static IReadOnlyList<DefinitionFile> Read(IEnumerable<string> paths)
    {
        var files = paths.SelectMany(Expand).Distinct(StringComparer.Ordinal).ToList();
        if (files.Count == 0) throw new UsageException("No definition files there: the folders hold no .yaml, .yml or .json file. Name the files, or a folder that holds some.");
        List<DefinitionFile> read = [];
        var bytes = 0L;
        foreach (var path in files)
        {
            var file = new DefinitionFile { Path = path, Content = UserFile.ReadText(path, FileBytesMax) };
            bytes += Encoding.UTF8.GetByteCount(file.Content);
            if (bytes > AllBytesMax)
                throw new UsageException($"With {path} the files have more than {AllBytesMax / MiB} MiB together, the bound. Name the folder that holds definitions alone, or apply them in parts.");
            read.Add(file);
        }
        return read;
    }

    private static IEnumerable<string> Expand(string path)
    {
        if (Directory.Exists(path)) return In(path);
        if (!File.Exists(path)) throw new UsageException($"There is no file or folder '{path}'{(Path.IsPathRooted(path) ? "" : $" in {Environment.CurrentDirectory}")}. Check its name and folder.");
        return [path];
    }

    private static IEnumerable<string> In(string folder)
    {
        try
        {
            var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(IsDefinition).Take(FilesMax + 1).ToList();
            if (files.Count > FilesMax)
                throw new UsageException(FormattableString.Invariant($"{folder} holds more than {FilesMax:N0} .yaml, .yml and .json files, the bound. Name the folder that holds definitions alone."));
            return files.Order(StringComparer.Ordinal);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw new UsageException($"{folder} cannot be read: {error.Message.TrimEnd('.')}. Have its owner let this account ({Environment.UserName}) read it and its subfolders, or name the files.", error);
        }
    }

    private static bool IsDefinition(string path) => Path.GetExtension(path) is ".yaml" or ".yml" or ".json";
}
