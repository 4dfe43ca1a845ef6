namespace EventFeatures.Core.Events;

/// <summary>Connects to other logs than the system's own.</summary>
public interface ILogConnector
{
    /// <summary>Makes a client of the log that a connection string names; it connects with its first call.</summary>
    /// <param name="connectionString"><c>esdb://…</c></param>
    /// <param name="keepsOrder">
    /// Whether appends reach the log in the order in which they were begun, or not at all. Then nothing is tried again, and
    /// once its connection broke, the client appends no more.
    /// </param>
    /// <exception cref="FormatException">The connection string cannot be read.</exception>
    ConnectedLog Connect(string connectionString, bool keepsOrder);
}

/// <summary>A log and the connection that has to be closed.</summary>
/// <param name="Log">The log.</param>
/// <param name="Connection">Ends with the log's use.</param>
public sealed record ConnectedLog(IEventLog Log, IAsyncDisposable Connection) : IAsyncDisposable
{
    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
