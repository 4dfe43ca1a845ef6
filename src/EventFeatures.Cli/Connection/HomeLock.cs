using EventFeatures.Cli.CommandLine;

namespace EventFeatures.Cli.Connection;

/// <summary>At most one server runs on a home folder. The kernel frees the lock when its holder dies, however it dies.</summary>
internal sealed class HomeLock : IDisposable
{
    // How the system says that another process holds the lock, which .NET hands on as it is.
    private static readonly int HeldByAnother =
        OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : OperatingSystem.IsMacOS() ? 35 : 11;

    private readonly FileStream _file;

    private HomeLock(FileStream file) => _file = file;

    /// <summary>
    /// Takes the lock, or returns null while another process holds it. What a server that was killed left about itself is
    /// removed then: its address may be another's by now.
    /// </summary>
    /// <exception cref="UsageException">The folder cannot be made or locked.</exception>
    public static HomeLock? TryTake(string home)
    {
        try
        {
            Directory.CreateDirectory(home);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The home folder {home} cannot be made: {error.Message} Name another with --home.", error);
        }
        FileStream file;
        try
        {
            file = new FileStream(Path.Combine(home, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new UsageException($"The home folder {home} belongs to another account. Name another with --home.", error);
        }
        catch (IOException held) when (held.HResult == HeldByAnother)
        {
            return null;
        }
        catch (IOException error)
        {
            throw new UsageException($"The home folder {home} cannot be locked: {error.Message.TrimEnd('.')}. Mend that, or name another with --home.", error);
        }
        try
        {
            RunningServer.Remove(home);
            return new HomeLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _file.Dispose();
}
