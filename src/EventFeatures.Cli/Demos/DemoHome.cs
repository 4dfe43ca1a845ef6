using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;

namespace EventFeatures.Cli.Demos;

/// <summary>
/// The folder of a demo's own inside the home folder, emptied before each run: a stream that is simulated again
/// would otherwise meet its own past. Nothing but what a demo left is ever deleted.
/// </summary>
internal static class DemoHome
{
    private const string Marker = "made-by-a-demo";

    public static string Empty(string home, string demo)
    {
        var folder = Path.Combine(home, $"demo-{demo}");
        using (HomeLock.TryTake(folder) ?? throw new UsageException(
            $"A server runs on {folder}, where this demo keeps its data. Stop it, or name another folder with --home."))
        {
            var left = Directory.GetFileSystemEntries(folder).Where(entry => Path.GetFileName(entry) != "lock").ToList();
            if (left.Count > 0 && !File.Exists(Path.Combine(folder, Marker)))
                throw new UsageException($"{folder} holds something that no demo made, such as {Path.GetFileName(left[0])}. Move it away, or name another folder with --home.");
            // The marker goes last, so that an interrupted cleaning can be taken up again.
            foreach (var entry in left.OrderBy(entry => Path.GetFileName(entry) == Marker))
                if (Directory.Exists(entry)) Directory.Delete(entry, recursive: true);
                else File.Delete(entry);
            File.WriteAllText(Path.Combine(folder, Marker), "Emptied before each run of the demo.\n");
        }
        return folder;
    }
}
