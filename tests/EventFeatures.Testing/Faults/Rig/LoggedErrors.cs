using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Testing.Faults.Rig;

/// <summary>
/// Keeps what is logged as an error or worse: a server that meets bad input or a broken neighbour answers with a status,
/// so an error in its log is an exception that slipped through.
/// </summary>
public sealed class LoggedErrors(Action<string>? alsoTo = null) : ILoggerFactory, ILoggerProvider
{
    private const int KeptMax = 1000;

    private readonly ConcurrentQueue<string> _errors = new();

    public IReadOnlyCollection<string> All => _errors;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("Errors are kept here and nowhere else.");

    public void Dispose() { }

    private void Add(string error)
    {
        if (_errors.Count < KeptMax) _errors.Enqueue(error);
        alsoTo?.Invoke(error);
    }

    private sealed class Logger(LoggedErrors errors, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) errors.Add($"{logLevel} {category}: {formatter(state, exception)} {exception}".ReplaceLineEndings(" / "));
        }
    }
}
