using System.Runtime.InteropServices;

namespace EventFeatures.Inference.Scoring;

/// <summary>Makes a rename durable. .NET opens no folders, so that POSIX is asked directly; Windows journals renames.</summary>
internal static partial class FolderFlush
{
    public static void Run(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(folder, flags: 0);
        if (descriptor < 0) throw Failed(folder);
        try
        {
            if (Flush(descriptor) != 0) throw Failed(folder);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failed(string folder) =>
        new($"Folder '{folder}' could not be flushed to disk: {Marshal.GetLastPInvokeErrorMessage()}. Check the disk and try again.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
