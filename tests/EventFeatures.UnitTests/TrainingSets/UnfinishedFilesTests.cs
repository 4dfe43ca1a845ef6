using EventFeatures.Server.Api;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.TrainingSets;

/// <summary>What a killed server left half written goes at the next start, and nothing else.</summary>
public sealed class UnfinishedFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unfinished-").FullName;

    [Fact]
    public void Half_written_files_go_and_all_others_stay()
    {
        var id = Guid.NewGuid().ToString("n");
        string[] unfinished = [$"fraud-1.parquet.{id}.tmp", $".export-{id}.parquet", $".export-{id}.parquet.{id}.tmp", "fraud-1.parquet.manifest.json.partial"];
        string[] others = ["fraud-1.parquet", "fraud-1.parquet.manifest.json", "notes.tmp", ".export-mine.parquet", "fraud-1.parquet.old.tmp"];
        foreach (var name in (string[])[.. unfinished, .. others]) File.WriteAllText(Path.Combine(_folder, name), "half");

        UnfinishedFiles.Delete(_folder);

        Directory.EnumerateFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(others.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_file_that_is_being_written_stays()
    {
        var path = Path.Combine(_folder, $"fraud-1.parquet.{Guid.NewGuid():n}.tmp");
        using (new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None)) UnfinishedFiles.Delete(_folder);
        File.Exists(path).ShouldBeTrue();
        UnfinishedFiles.Delete(_folder);
        File.Exists(path).ShouldBeFalse();
    }

    [Fact]
    public void A_folder_that_is_not_there_is_none_to_tidy() => Should.NotThrow(() => UnfinishedFiles.Delete(Path.Combine(_folder, "nothing")));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
