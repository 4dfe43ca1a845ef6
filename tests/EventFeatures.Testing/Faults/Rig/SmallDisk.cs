using System.Diagnostics;

namespace EventFeatures.Testing.Faults.Rig;

/// <summary>A file system of a few hundred MiB in memory that a test can fill and empty again.</summary>
public sealed class SmallDisk : IDisposable
{
    private readonly string _filler;

    private SmallDisk(string folder)
    {
        Folder = folder;
        _filler = Path.Combine(folder, "filler");
    }

    public string Folder { get; }

    /// <summary>Mounts one, or says why this account cannot.</summary>
    public static SmallDisk? TryMount(string folder, int megabytes, out string reason)
    {
        Directory.CreateDirectory(folder);
        if (!Environment.IsPrivilegedProcess) reason = "Mounting a small file system needs root.";
        else if (Run("mount", "-t", "tmpfs", "-o", FormattableString.Invariant($"size={megabytes}m,mode=755"), "eventfeatures", folder) is { Length: > 0 } refused) reason = $"A small file system cannot be mounted: {refused}";
        else
        {
            reason = "";
            return new SmallDisk(folder);
        }
        Directory.Delete(folder);
        return null;
    }

    /// <summary>Leaves no more than this free.</summary>
    public void Fill(long bytesLeft)
    {
        using var filler = new FileStream(_filler, FileMode.Create);
        var zeros = new byte[64 * 1024];
        while (new DriveInfo(Folder).AvailableFreeSpace - bytesLeft is var more and > 0)
        {
            try
            {
                filler.Write(zeros.AsSpan(0, (int)Math.Min(more, zeros.Length)));
                filler.Flush();
            }
            catch (IOException)
            {
                // The database took the last of it meanwhile, which is as full as it can get.
                return;
            }
        }
    }

    /// <summary>Gives the space back.</summary>
    public void Empty() => File.Delete(_filler);

    public void Dispose()
    {
        if (Run("umount", Folder) is { Length: > 0 }) Run("umount", "--lazy", Folder);
        Directory.Delete(Folder);
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? "" : errors.Length > 0 ? errors : FormattableString.Invariant($"exit code {process.ExitCode}");
    }
}
