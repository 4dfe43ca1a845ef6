using System.Text.RegularExpressions;

namespace EventFeatures.Server.Api;

/// <summary>What a process that was killed left half written in the folder of training sets and exports: nobody goes on with it, and it may be large.</summary>
internal static partial class UnfinishedFiles
{
    /// <summary>Deletes them. One that a process still writes stays, and so does one that cannot be deleted: it takes room, and harms nothing.</summary>
    /// <param name="folder">A folder that the server alone writes in; it need not be there.</param>
    public static void Delete(string folder)
    {
        if (!Directory.Exists(folder)) return;
        foreach (var path in Directory.EnumerateFiles(folder).Where(path => Unfinished().IsMatch(Path.GetFileName(path))).ToList())
        {
            try
            {
                // Who writes or reads a file holds it, so that it cannot be had alone.
                using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None)) File.Delete(path);
            }
            catch (Exception kept) when (kept is IOException or UnauthorizedAccessException)
            {
                continue;
            }
        }
    }

    // A training set's file while it is written, its manifest while it is, and an export's file until it is sent.
    [GeneratedRegex(@"^(.+\.parquet\.[0-9a-f]{32}\.tmp|.+\.parquet\.manifest\.json\.partial|\.export-[0-9a-f]{32}\.parquet)$")]
    private static partial Regex Unfinished();
}
