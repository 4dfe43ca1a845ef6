namespace EventFeatures.Log.EmbeddedNode.Backup;

/// <summary>What a backup that was cut off leaves in its folder: the file that it was writing, which no manifest names.</summary>
internal static class LeftBehind
{
    /// <summary>The end of a file's name until the file is whole.</summary>
    public const string Unfinished = ".part";

    /// <summary>The unfinished files of a folder.</summary>
    public static IEnumerable<string> In(string folder) =>
        [.. Directory.EnumerateFiles(folder, "events-*.copy" + Unfinished), .. Directory.EnumerateFiles(folder, BackupManifest.UnfinishedName)];

    /// <summary>Removes them.</summary>
    /// <exception cref="BackupException">A backup into the folder is still at work, or the file may not be removed.</exception>
    public static void Remove(string folder)
    {
        foreach (var file in In(folder)) Remove(folder, file);
    }

    private static void Remove(string folder, string file)
    {
        try
        {
            // A backup holds the file that it writes: opening it alone as well takes it from none that is still at work.
            new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (FileNotFoundException)
        {
            // Whoever else was at work finished it.
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BackupException($"{file}, which an earlier backup left unfinished, cannot be removed: {refused.Message} See that no other backup into {folder} is at work, then run the same command again.", refused);
        }
    }
}
