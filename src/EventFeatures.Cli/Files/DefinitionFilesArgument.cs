using System.CommandLine;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;

namespace EventFeatures.Cli.Files;

/// <summary>Definition files named on the command line: YAML or JSON files, or folders that hold them.</summary>
internal static class DefinitionFilesArgument
{
    private const long FileBytesMax = 4 * 1024 * 1024;

    public static Argument<string[]> Create() => new("FILES")
    {
        Description = "Definition files (.yaml, .yml, .json), or folders whose files are read, subfolders included.",
        Arity = ArgumentArity.OneOrMore,
    };

    public static IReadOnlyList<DefinitionFile> Read(IEnumerable<string> paths)
    {
        var files = paths.SelectMany(Expand).Distinct(StringComparer.Ordinal).ToList();
        if (files.Count == 0) throw new UsageException("No definition files there: the folders hold no .yaml, .yml or .json file.");
        return files.ConvertAll(path => new DefinitionFile { Path = path, Content = UserFile.ReadText(path) });
    }

    private static IEnumerable<string> Expand(string path)
    {
        if (Directory.Exists(path))
            return Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(IsDefinition).Order(StringComparer.Ordinal);
        if (!File.Exists(path)) throw new UsageException($"There is no file or folder '{path}'{(Path.IsPathRooted(path) ? "" : $" in {Environment.CurrentDirectory}")}. Check its name and folder.");
        if (new FileInfo(path).Length > FileBytesMax)
            throw new UsageException($"'{path}' is larger than {FileBytesMax / 1024 / 1024} MiB, which no definition needs.");
        return [path];
    }

    private static bool IsDefinition(string path) => Path.GetExtension(path) is ".yaml" or ".yml" or ".json";
}
