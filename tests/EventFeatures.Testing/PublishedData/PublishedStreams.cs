using EventFeatures.Testing.Specs;
using Xunit;

namespace EventFeatures.Testing.PublishedData;

/// <summary>
/// Published streams that tests read where they are and that are never part of the checkout: in the folder that
/// <c>EVENTFEATURES_STREAMS</c> names or else beside the checkout, in <c>../shared/data</c>.
/// </summary>
public static class PublishedStreams
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string FolderVariable = "EVENTFEATURES_STREAMS";

    /// <summary>The electricity market of New South Wales (Harries, 1999): 45,312 half-hours.</summary>
    public const string Electricity = "elec2.csv";

    /// <summary>Taxi passengers in New York (Numenta Anomaly Benchmark): 10,320 half-hours.</summary>
    public const string Taxi = "nyc_taxi.csv";

    /// <summary>The file's path, or <see langword="null"/> where it is not on this machine.</summary>
    public static string? Find(string file)
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } named
            ? named
            : Path.Combine(RepositoryFolder.Path, "..", "shared", "data");
        var path = Path.GetFullPath(Path.Combine(folder, file));
        return File.Exists(path) ? path : null;
    }
}

/// <summary>A test of the published streams themselves, which is shown as skipped, with the reason, where one is missing.</summary>
public sealed class PublishedStreamsFactAttribute : FactAttribute
{
    public PublishedStreamsFactAttribute()
    {
        var missing = new[] { PublishedStreams.Electricity, PublishedStreams.Taxi }.Where(file => PublishedStreams.Find(file) is null).ToList();
        if (missing.Count > 0)
            Skip = $"{string.Join(" and ", missing)} not found; synthetic streams of the same shape stand in. Name their folder by {PublishedStreams.FolderVariable}.";
    }
}
