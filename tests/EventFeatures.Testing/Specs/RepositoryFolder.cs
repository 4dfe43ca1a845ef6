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

    /// <summary>The root's path, or <see langword="null"/> outside a checkout.</summary>
    public static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, Marker))) return folder.FullName;
        return null;
    }
}
