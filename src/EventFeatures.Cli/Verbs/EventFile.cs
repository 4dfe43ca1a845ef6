using System.Text.Json;
using EventFeatures.Api.V1;
using EventFeatures.Cli.CommandLine;
using EventFeatures.Cli.Connection;
using Google.Protobuf;

namespace EventFeatures.Cli.Verbs;

/// <summary>A file of events, one JSON document a line, appended in the file's order.</summary>
internal static class EventFile
{
    private const int UnansweredMax = 256;

    public static async Task AppendAsync(ApiSession api, string path, Invocation invocation, CancellationToken cancellation)
    {
        if (path != "-" && !File.Exists(path)) throw new UsageException($"There is no file '{path}'.");
        using var reader = path == "-" ? Console.In : new StreamReader(path);
        using var call = api.Events.AppendStream(cancellationToken: cancellation);
        using var progress = invocation.Progress("append");
        using var room = new SemaphoreSlim(UnansweredMax);
        var lines = new List<int>();
        var failures = new List<string>();
        ulong position = 0;
        long answered = 0;

        var answers = Task.Run(async () =>
        {
            while (await call.ResponseStream.MoveNext(cancellation).ConfigureAwait(false))
            {
                var answer = call.ResponseStream.Current;
                if (answer.ResultCase == AppendAcknowledgement.ResultOneofCase.Failed)
                    lock (failures) failures.Add($"{path}:{LineOf(answer.Request)}: {answer.Failed.Message} [{answer.Failed.Code}]");
                else
                    position = Math.Max(position, answer.Appended.Position);
                progress.Report(Interlocked.Increment(ref answered), lines.Count);
                room.Release();
            }
        }, cancellation);

        for (var line = 1; await reader.ReadLineAsync(cancellation).ConfigureAwait(false) is { } text; line++)
        {
            if (string.IsNullOrWhiteSpace(text)) continue;
            var request = Read(path, line, text);
            while (!await room.WaitAsync(TimeSpan.FromSeconds(1), cancellation).ConfigureAwait(false))
                if (answers.IsCompleted) await answers.ConfigureAwait(false);
            lock (lines) lines.Add(line);
            await call.RequestStream.WriteAsync(request, cancellation).ConfigureAwait(false);
        }
        await call.RequestStream.CompleteAsync().ConfigureAwait(false);
        await answers.ConfigureAwait(false);

        foreach (var failure in failures.Take(20)) await invocation.Error.WriteLineAsync(failure).ConfigureAwait(false);
        var appended = answered - failures.Count;
        await invocation.Out.WriteLineAsync(invocation.Json
            ? JsonSerializer.Serialize(new { appended, failed = failures.Count, position })
            : $"appended {appended} events, {failures.Count} refused, position {position}").ConfigureAwait(false);
        if (failures.Count > 0) throw new UsageException($"{failures.Count} of {answered} events were refused; the others are in the log. Mend those lines and append the file again: events with an id are not counted twice.");

        int LineOf(long request)
        {
            lock (lines) return request >= 0 && request < lines.Count ? lines[(int)request] : 0;
        }
    }

    private static AppendRequest Read(string path, int line, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw new UsageException($"{path}:{line}: a line holds one JSON object, not {root.ValueKind}.");
            return new AppendRequest
            {
                Stream = Text("stream") ?? throw Missing("stream"),
                Events =
                {
                    new Event
                    {
                        Type = Text("type") ?? throw Missing("type"),
                        EventId = Text("id") ?? Guid.NewGuid().ToString(),
                        OccurredAt = Text("time") ?? "",
                        RecordedAt = Text("recordedAt") ?? "",
                        Data = ByteString.CopyFromUtf8(root.TryGetProperty("data", out var data) ? data.GetRawText() : throw Missing("data")),
                    },
                },
            };

            string? Text(string name) => root.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
            UsageException Missing(string name) => new($"{path}:{line}: '{name}' is missing or of the wrong type.");
        }
        catch (JsonException error)
        {
            throw new UsageException($"{path}:{line}: not JSON: {error.Message}", error);
        }
    }
}
