using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Server.Telemetry;

/// <summary>
/// Writes the log as one JSON object a line, to a file or to standard error. Callers never wait for the disk:
/// when the queue is full, entries are counted instead, and the count is written once there is room.
/// </summary>
internal sealed class JsonLogFile : ILoggerProvider, ISupportExternalScope
{
    private const long BytesMax = 64 * 1024 * 1024;

    private readonly Channel<byte[]> _entries = Channel.CreateBounded<byte[]>(8192);
    private readonly string? _path;
    private readonly TimeProvider _clock;
    private readonly Task _writing;
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();
    private long _lost;

    /// <param name="path">The file; <see langword="null"/> for standard error. At 64 MiB it is renamed to <c>.1</c>, replacing the one before.</param>
    /// <param name="clock">What the entries' times are read from.</param>
    public JsonLogFile(string? path, TimeProvider clock)
    {
        _path = path;
        _clock = clock;
        if (path is not null) Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _writing = Task.Run(WriteAsync);
    }

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
        _entries.Writer.TryComplete();
        _writing.Wait(TimeSpan.FromSeconds(5));
    }

    private void Enqueue(byte[] entry)
    {
        if (!_entries.Writer.TryWrite(entry)) Interlocked.Increment(ref _lost);
    }

    private async Task WriteAsync()
    {
        var output = Open();
        try
        {
            while (await _entries.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                while (_entries.Reader.TryRead(out var entry)) await output.WriteAsync(entry).ConfigureAwait(false);
                if (Interlocked.Exchange(ref _lost, 0) is var lost and > 0)
                    await output.WriteAsync(Encoding.UTF8.GetBytes($"{{\"level\":\"Warning\",\"eventId\":1200,\"message\":\"{lost} log entries were not written, since the disk did not keep up\"}}\n")).ConfigureAwait(false);
                await output.FlushAsync().ConfigureAwait(false);
                if (_path is not null && output.Length > BytesMax) output = await RollAsync(output).ConfigureAwait(false);
            }
        }
        catch (IOException)
        {
            // A full disk must not stop the server; the next start opens the file again.
        }
        finally
        {
            await output.DisposeAsync().ConfigureAwait(false);
        }
    }

    private Stream Open() =>
        _path is null ? Console.OpenStandardError() : new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 64 * 1024);

    private async Task<Stream> RollAsync(Stream full)
    {
        await full.DisposeAsync().ConfigureAwait(false);
        File.Move(_path!, _path + ".1", overwrite: true);
        return Open();
    }

    private sealed class Category(JsonLogFile file, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => file._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            using var buffer = new MemoryStream();
            using (var writer = new Utf8JsonWriter(buffer))
            {
                writer.WriteStartObject();
                writer.WriteString("time", file._clock.GetUtcNow());
                writer.WriteString("level", logLevel.ToString());
                writer.WriteString("category", name);
                writer.WriteNumber("eventId", eventId.Id);
                writer.WriteString("message", formatter(state, exception));
                if (Activity.Current is { } activity)
                {
                    writer.WriteString("traceId", activity.TraceId.ToString());
                    writer.WriteString("spanId", activity.SpanId.ToString());
                }
                Members(writer, state);
                if (exception is not null) writer.WriteString("exception", exception.ToString());
                writer.WriteEndObject();
            }
            buffer.WriteByte((byte)'\n');
            file.Enqueue(buffer.ToArray());
        }

        private static void Members<TState>(Utf8JsonWriter writer, TState state)
        {
            if (state is not IReadOnlyList<KeyValuePair<string, object?>> members) return;
            writer.WriteStartObject("values");
            foreach (var (key, value) in members)
                if (key != "{OriginalFormat}") writer.WriteString(key, value?.ToString());
            writer.WriteEndObject();
        }
    }
}
