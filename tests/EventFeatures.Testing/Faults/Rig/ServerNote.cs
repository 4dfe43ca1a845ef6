using System.Globalization;

namespace EventFeatures.Testing.Faults.Rig;

/// <summary>What a private PostgreSQL cluster notes in its folder about its server.</summary>
internal static class ServerNote
{
    /// <summary>The id of the server's main process, which stands on the note's first line for as long as it runs.</summary>
    public static int? IdIn(string clusterFolder)
    {
        var note = Path.Combine(clusterFolder, "data", "postmaster.pid");
        return File.Exists(note) && int.TryParse(File.ReadLines(note).FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
    }
}
