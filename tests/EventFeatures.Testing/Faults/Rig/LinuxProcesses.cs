using System.Diagnostics;
using System.Globalization;

namespace EventFeatures.Testing.Faults.Rig;

/// <summary>Processes of this machine as <c>/proc</c> shows them.</summary>
internal static class LinuxProcesses
{
    /// <summary>Kills processes with all that each of them started, at once, and waits until they are gone.</summary>
    public static async Task KillFamiliesAsync(IReadOnlyCollection<int> parents, TimeSpan deadline)
    {
        // What one starts after its children were listed would outlive it.
        foreach (var parent in parents) await PauseAsync(parent, deadline);
        int[] family = [.. parents, .. parents.SelectMany(ChildrenOf).Except(parents)];
        foreach (var id in family) Kill(id);
        await UntilAsync(() => !family.Any(Lives), deadline, () => $"still alive after kill -9: {string.Join(", ", family.Where(Lives))}");
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

    private static async Task PauseAsync(int id, TimeSpan deadline)
    {
        using (var signal = Process.Start("sh", ["-c", FormattableString.Invariant($"kill -STOP {id} 2>/dev/null")])) await signal.WaitForExitAsync();
        await UntilAsync(() => !Lives(id) || Status(id) is ('T', _), deadline, () => FormattableString.Invariant($"{id} goes on after kill -STOP"));
    }

    private static async Task UntilAsync(Func<bool> isSo, TimeSpan deadline, Func<string> otherwise)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            if (TimeProvider.System.GetElapsedTime(begun) > deadline) throw new TimeoutException($"Not within {deadline.TotalSeconds:0} s: {otherwise()}.");
            await Task.Delay(TimeSpan.FromMilliseconds(5));
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
