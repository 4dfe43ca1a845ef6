namespace EventFeatures.Application.TrainingSets;

/// <summary>Writes a small file so that nobody ever reads half of it, also after the machine lost its power.</summary>
public static class WholeFile
{
    /// <summary>What a file's name has added while it is not whole.</summary>
    public const string Unfinished = ".partial";

    /// <summary>Writes the file aside, brings it to the disk and gives it its name. Nothing is left beside it where that fails.</summary>
    /// <param name="path">The file, which may be there already.</param>
    /// <param name="bytes">All that it holds.</param>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var unfinished = path + Unfinished;
        try
        {
            using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                file.Write(bytes);
                // A name that reaches the disk before its bytes would stand for an empty file.
                file.Flush(flushToDisk: true);
            }
            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }
}
