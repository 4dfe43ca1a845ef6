using System.Globalization;
using System.Security.Cryptography;
using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Log.Protocol.Streaming;
using Grpc.Core;
using RecordedMessage = EventFeatures.Log.Protocol.Streaming.ReadResp.Types.ReadEvent.Types.RecordedEvent;

namespace EventFeatures.IntegrationTests.Log.Scavenging;

/// <summary>All that a log's users can see of some streams, as lines of text that can be compared.</summary>
internal sealed class VisibleLog(EmbeddedNode node, EventStoreLog log, CancellationToken late)
{
    /// <summary>What reads of the streams answer, in both directions, with links resolved and not.</summary>
    public async Task<List<string>> StreamsAsync(IEnumerable<string> streams)
    {
        using var channel = NodeTestBase.Channel(node);
        var wire = NodeTestBase.Wire(channel);
        List<string> lines = [];
        foreach (var stream in streams)
            foreach (var direction in new[] { ReadDirection.Forwards, ReadDirection.Backwards })
                foreach (var resolve in new[] { false, true })
                {
                    lines.Add($"{stream} {direction} {(resolve ? "resolved" : "as they are")}");
                    lines.AddRange(await ReadAsync(wire, ReadRequests.Stream(stream, direction, null, long.MaxValue, resolve)));
                }
        return lines;
    }

    /// <summary>Where each stream ends, and where the log says that each event lies when it is appended again.</summary>
    public async Task<List<string>> AppendsAsync(IEnumerable<string> streams, IEnumerable<(string Stream, EventData Data)> known)
    {
        List<string> lines = [];
        foreach (var stream in streams) lines.Add($"{stream} ends: {await AnswerAsync(stream, StreamState.StreamRevision(long.MaxValue / 2), [])}");
        foreach (var (stream, data) in known) lines.Add($"{data.EventId} again: {await AnswerAsync(stream, StreamState.Any, [data])}");
        return lines;
    }

    /// <summary>The whole log.</summary>
    public async Task<List<RecordedEvent>> AllAsync(ReadDirection direction = ReadDirection.Forwards) =>
        await log.ReadAllAsync(direction, direction == ReadDirection.Forwards ? Position.Start : Position.End, cancellation: late).ToListAsync(late);

    /// <summary>What a new subscription to the whole log gets until it has caught up.</summary>
    public async Task<List<RecordedEvent>> SubscribedAsync()
    {
        List<RecordedEvent> events = [];
        await foreach (var message in log.SubscribeToAll(FromAll.Start, cancellation: late))
            if (message is LogMessage.CaughtUp) break;
            else if (message is LogMessage.Event { Recorded: var recorded }) events.Add(recorded);
        return events;
    }

    /// <summary>Events as text, bytes and all.</summary>
    public static List<string> Lines(IEnumerable<RecordedEvent> events) =>
    [
        .. events.Select(each => FormattableString.Invariant(
            $"{each.Position.Value} {each.Revision}@{each.StreamId} {each.EventId} {each.Type} {each.ContentType} {each.Created} {Convert.ToHexString(each.Data.Span)} {Convert.ToHexString(each.Metadata.Span)}")),
    ];

    private async Task<string> AnswerAsync(string stream, StreamState expected, EventData[] events)
    {
        try
        {
            var appended = await log.AppendToStreamAsync(stream, expected, events, late);
            return FormattableString.Invariant($"revision {appended.NextExpectedRevision}, position {appended.Position.Value}");
        }
        catch (WrongExpectedVersionException wrong)
        {
            return wrong.Message;
        }
        catch (StreamDeletedException deleted)
        {
            return deleted.Message;
        }
    }

    private async Task<List<string>> ReadAsync(Streams.StreamsClient wire, ReadReq request)
    {
        List<string> lines = [];
        try
        {
            using var call = wire.Read(request, cancellationToken: late);
            while (await call.ResponseStream.MoveNext(late)) lines.Add(Text(call.ResponseStream.Current));
        }
        catch (RpcException refused)
        {
            lines.Add($"{refused.StatusCode} {refused.Trailers.GetValue("exception")}");
        }
        return lines;
    }

    private static string Text(ReadResp message) => message.ContentCase == ReadResp.ContentOneofCase.Event
        ? $"event {Text(message.Event.Event)} link {Text(message.Event.Link)} at {message.Event.CommitPosition.ToString(CultureInfo.InvariantCulture)}"
        : message.ToString();

    private static string Text(RecordedMessage? recorded) => recorded is null
        ? "none"
        : FormattableString.Invariant($"{recorded.StreamRevision}@{recorded.StreamIdentifier.StreamName.ToStringUtf8()} {recorded.Id} {string.Join(' ', recorded.Metadata.OrderBy(each => each.Key, StringComparer.Ordinal))} {Digest(recorded)}");

    private static string Digest(RecordedMessage recorded) =>
        Convert.ToHexString(SHA256.HashData([.. recorded.Data.Span, 0, .. recorded.CustomMetadata.Span]))[..12];
}
