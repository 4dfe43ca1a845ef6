namespace EventFeatures.Log.Client;

/// <summary>
/// A connection string, and the files of certificates that it names, which are read this once: the second time a pipe
/// would be empty.
/// </summary>
public sealed class LogConnection
{
    private LogConnection(ConnectionSettings settings, TlsFiles files) => (Settings, Files) = (settings, files);

    internal ConnectionSettings Settings { get; }

    internal TlsFiles Files { get; }

    /// <summary>Reads a connection string and its files; nothing is connected.</summary>
    /// <param name="connectionString"><c>esdb://…</c></param>
    /// <exception cref="FormatException">
    /// The connection string is none, has an unknown option or an impossible value, or names a file that cannot be used.
    /// </exception>
    public static LogConnection Read(string connectionString)
    {
        var settings = ConnectionSettings.Parse(connectionString);
        return new LogConnection(settings, TlsFiles.Read(settings));
    }
}
