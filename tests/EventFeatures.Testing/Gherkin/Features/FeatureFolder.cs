using System.Collections.Concurrent;
using EventFeatures.Testing.Specs;

namespace EventFeatures.Testing.Gherkin.Features;

/// <summary>The feature files below a folder of the checkout or, in a published build, of the test's own folder.</summary>
public static class FeatureFolder
{
    private static readonly ConcurrentDictionary<string, IReadOnlyList<Scenario>> Parsed = new();

    /// <summary>The paths of the feature files, relative to the checkout, in ordinal order.</summary>
    /// <exception cref="FeatureInvalidException">There is no such folder, or it holds no feature file.</exception>
    public static IReadOnlyList<string> Files(string folder)
    {
        var root = Root(folder);
        var files = Directory.EnumerateFiles(Path.Combine(root, folder), "*.feature", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(root, file).Replace('\\', '/')).Order(StringComparer.Ordinal).ToList();
        return files.Count > 0 ? files : throw new FeatureInvalidException($"The folder '{folder}' holds no *.feature file. Add one or name another folder.");
    }

    /// <summary>The scenarios of one file. A file is read once.</summary>
    /// <exception cref="FeatureInvalidException">The file is not a runnable feature.</exception>
    public static IReadOnlyList<Scenario> Scenarios(string file) =>
        Parsed.GetOrAdd(file, relative => FeatureParser.Parse(File.ReadAllText(Path.Combine(Root(relative), relative)), relative));

    private static string Root(string relative)
    {
        string?[] roots = [AppContext.BaseDirectory, RepositoryFolder.Find()];
        return roots.OfType<string>().FirstOrDefault(root => Path.Exists(Path.Combine(root, relative)))
            ?? throw new FeatureInvalidException($"'{relative}' was found neither beside {RepositoryFolder.Marker} nor in the tests' own folder. Name a folder of the checkout.");
    }
}
