using System.Diagnostics;
using System.Globalization;

namespace EventFeatures.Testing.Faults.Rig;

/// <summary>Processes of this machine as <c>/proc</c> shows them.</summary>
internal static class LinuxProcesses
{
    /// <summary>Kills a process with all that it started, at once, and waits until they are gone.</summary>
    public static async Task KillFamilyAsync(int parent, TimeSpan deadline)
    {
        int[] family = [parent, .. ChildrenOf(parent)];
        foreach (var id in family) Kill(id);
        var begun = TimeProvider.System.GetTimestamp();
        while (family.Any(Lives))
        {
            if (TimeProvider.System.GetElapsedTime(begun) > deadline)
                throw new TimeoutException($"Still alive {deadline.TotalSeconds:0} s after kill -9: {string.Join(", ", family.Where(Lives))}.");
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }

    public static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            // It ended by itself meanwhile.
        }
    }

    private static List<int> ChildrenOf(int parent)
    {
        List<int> children = [];
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Status(id) is var (_, of) && of == parent) children.Add(id);
        return children;
    }

    // A zombie holds nothing any more; whoever inherited it will reap it.
    private static bool Lives(int id) => Status(id) is (not 'Z' and not 'X', _);

    private static (char State, int Parent)? Status(int id)
    {
        try
        {
            // After the name, which stands in parentheses and may itself hold any character.
            var text = File.ReadAllText(FormattableString.Invariant($"/proc/{id}/stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
