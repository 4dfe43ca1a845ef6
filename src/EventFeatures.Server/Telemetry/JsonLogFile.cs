using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Server.Telemetry;

/// <summary>
/// Writes the log as one JSON object a line, to a file or to standard error. Callers never wait for the disk:
/// when the queue is full or the disk fails, entries are counted instead, and the count is written once there is room.
/// A file that failed is opened again with a later entry, once a second at most.
/// </summary>
internal sealed class JsonLogFile : ILoggerProvider, ISupportExternalScope
{
    private const long BytesMax = 64 * 1024 * 1024;
    private const int BatchBytes = 64 * 1024;

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly Channel<byte[]> _entries = Channel.CreateBounded<byte[]>(8192);
    private readonly string? _path;
    private readonly TimeProvider _clock;
    private readonly Task _writing;
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();
    private Stream? _output;
    private long? _failedAt;
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

    /// <summary>How many entries were not written, and are not told of in the file yet.</summary>
    internal long Lost => Interlocked.Read(ref _lost);

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
        _entries.Writer.TryComplete();
        // Not Wait: a log that cannot be written must not keep the server from stopping cleanly.
        Task.WaitAny([_writing], TimeSpan.FromSeconds(5));
    }

    private void Enqueue(byte[] entry)
    {
        if (!_entries.Writer.TryWrite(entry)) Interlocked.Increment(ref _lost);
    }

    private async Task WriteAsync()
    {
        while (await _entries.Reader.WaitToReadAsync().ConfigureAwait(false)) await WriteQueuedAsync().ConfigureAwait(false);
        if (Lost > 0)
        {
            _failedAt = null;
            await WriteQueuedAsync().ConfigureAwait(false);
        }
        if (_output is not null) await _output.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Writes what waits. A disk that is full or gone must not stop the server: the entries are counted, and the file is opened again later.</summary>
    private async Task WriteQueuedAsync()
    {
        var isDue = _failedAt is not { } failed || _clock.GetElapsedTime(failed) >= RetryPause;
        var (batch, count) = Take();
        try
        {
            if (isDue)
            {
                _output ??= Open();
                await WriteAsync(_output, batch).ConfigureAwait(false);
                (count, _failedAt) = (0, null);
                if (_path is not null && _output.Length > BytesMax) Roll(_path);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _failedAt = _clock.GetTimestamp();
            _output?.Dispose();
            _output = null;
        }
        Interlocked.Add(ref _lost, count);
    }

    private (MemoryStream Batch, int Count) Take()
    {
        var (batch, count) = (new MemoryStream(), 0);
        while (batch.Length < BatchBytes && _entries.Reader.TryRead(out var entry))
        {
            batch.Write(entry);
            count++;
        }
        return (batch, count);
    }

    private async Task WriteAsync(Stream output, MemoryStream batch)
    {
        var lost = Lost;
        if (lost > 0)
            batch.Write(Encoding.UTF8.GetBytes($"{{\"level\":\"Warning\",\"eventId\":1200,\"message\":\"{lost} log entries were not written, since the disk did not keep up or failed\"}}\n"));
        await output.WriteAsync(batch.GetBuffer().AsMemory(0, (int)batch.Length)).ConfigureAwait(false);
        Interlocked.Add(ref _lost, -lost);
    }

    // Unbuffered, since entries come in batches: what failed is not written again when the file is closed.
    private Stream Open()
    {
        if (_path is null) return Console.OpenStandardError();
        var file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        try
        {
            EndLine(file);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // A disk that fills up, or a crash, can leave half a line, which would spoil the next one.
    private static void EndLine(FileStream file)
    {
        if (file.Length == 0) return;
        file.Seek(-1, SeekOrigin.End);
        if (file.ReadByte() != '\n') file.WriteByte((byte)'\n');
    }

    private void Roll(string path)
    {
        _output!.Dispose();
        _output = null;
        File.Move(path, path + ".1", overwrite: true);
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
