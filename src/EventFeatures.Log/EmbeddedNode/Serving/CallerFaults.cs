using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>
/// Keeps what callers do wrong out of the log of errors. A frame or message that cannot be read is the caller's fault
/// and ends its call with a status; the gRPC library logs it as if the service had failed, so that a stranger could
/// flood the log.
/// </summary>
internal sealed class CallerFaults(ILoggerFactory inner) : ILoggerFactory
{
    private const string Handlers = "Grpc.AspNetCore.Server.ServerCallHandler";

    public ILogger CreateLogger(string categoryName) =>
        categoryName == Handlers ? new Logger(inner.CreateLogger(categoryName)) : inner.CreateLogger(categoryName);

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    // The factory within belongs to whoever started the node.
    public void Dispose() { }

    private sealed class Logger(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            inner.Log(exception is InvalidDataException or InvalidProtocolBufferException or IOException ? LogLevel.Debug : logLevel, eventId, state, exception, formatter);
    }
}
