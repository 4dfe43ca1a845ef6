using FilePath = System.IO.Path;

namespace EventFeatures.Testing.Specs;

/// <summary>The checkout that the tests were built from.</summary>
public static class RepositoryFolder
{
    /// <summary>The file that only the checkout's root holds.</summary>
    public const string Marker = "EventFeatures.sln";

    /// <summary>The root's path.</summary>
    /// <exception cref="DirectoryNotFoundException">The tests run outside a checkout.</exception>
    public static string Path => Find()
        ?? throw new DirectoryNotFoundException($"No folder from '{AppContext.BaseDirectory}' upwards holds {Marker}. Run the tests from a checkout.");

    /// <summary>
    /// The root's path, or <see langword="null"/> outside a checkout. A build whose output lies elsewhere names the
    /// checkout by <c>EVENTFEATURES_CHECKOUT</c>.
    /// </summary>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable("EVENTFEATURES_CHECKOUT") is { Length: > 0 } named
            && File.Exists(FilePath.Combine(named, Marker))) return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(FilePath.Combine(folder.FullName, Marker))) return folder.FullName;
        return null;
    }
}
