using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventFeatures.Log.EmbeddedNode.Links;
using EventFeatures.Log.EmbeddedNode.Serving;
using EventFeatures.Log.Protocol;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>
/// A group's parked messages: links in a stream of its own. Those that were replayed and then handled are cut off
/// by the stream's <c>$tb</c>, never before.
/// </summary>
internal sealed class ParkedMessages(GroupDefinition definition, NodeServices node)
{
    private const int ReasonLengthMax = 4096;
    private readonly string _stream = definition.Key.ParkedStream;
    private readonly SystemAppends _appends = new(node);

    /// <summary>The first revision that is not handled yet, and the one that the next parked message will have.</summary>
    public async Task<(long First, long End)> ExtentAsync(CancellationToken cancellation)
    {
        var extent = await node.Extents.OfAsync(_stream, cancellation);
        // A stream that somebody deleted has nothing to replay, until more is parked.
        var end = extent.IsClosed ? 0 : extent.Last + 1;
        return (extent.IsMissing ? end : Math.Max(definition.ParkedFrom, extent.First), end);
    }

    /// <summary>Parks a message durably. Parking it twice adds it once, unless it was replayed and cut off in between.</summary>
    public async Task ParkAsync(ParkRequest request, CancellationToken cancellation)
    {
        var message = request.Message;
        // Of a link that consumers see through, or that exists only while it is read, what it leads to is parked.
        var isSeenThrough = LinkEvents.IsLink(message.Source) && (message.IsLink || message.Source.Target is not null);
        var (stream, revision) = (isSeenThrough ? LinkEvents.TargetOf(message.Source) : null) ?? (message.Source.Stream, message.Source.Revision);
        var link = Encoding.UTF8.GetBytes(FormattableString.Invariant($"{revision}@{stream}"));
        var reason = request.Reason.Length <= ReasonLengthMax ? request.Reason : request.Reason[..ReasonLengthMax];
        var note = JsonSerializer.SerializeToUtf8Bytes(new Note(node.Options.Time.GetUtcNow(), reason, message.Source.Revision), JsonSerializerOptions.Web);
        string[] name = [message.IsReplay ? "park again" : "park", definition.Id.ToString(), message.Sequence.ToString(CultureInfo.InvariantCulture)];
        var (first, end) = await ExtentAsync(cancellation);
        while (true)
        {
            var parked = await _appends.AppendAsync(_stream, new SystemEvent(SystemStreams.LinkType, SystemAppends.IdOf(name), link, note, IsJson: false), cancellation);
            if (parked >= Math.Min(first, end)) return;
            // A link from before a crash that forgot that the message had been parked, and which nobody sees any more.
            name = [.. name[..3], parked.ToString(CultureInfo.InvariantCulture)];
        }
    }

    /// <summary>Messages from a revision on, followed to their events.</summary>
    public async Task<List<Message>> ReadAsync(long from, long end, int rows, CancellationToken cancellation)
    {
        var page = await node.Pages.StreamForwardsAsync(_stream, from, Math.Min(rows, LinkResolver.EventsMax), cancellation);
        var links = page.Events.TakeWhile(link => link.Revision < end).ToArray();
        var led = await node.Links.ResolveAsync(links, cancellation);
        return [.. links.Select(link => new Message(link, led.GetValueOrDefault(link), link.Revision, isReplay: true) { IsLink = true })];
    }

    /// <summary>Cuts off what was replayed and handled.</summary>
    public Task CutAsync(long before, CancellationToken cancellation)
    {
        var id = SystemAppends.IdOf("cut", definition.Id.ToString(), before.ToString(CultureInfo.InvariantCulture));
        var data = Encoding.UTF8.GetBytes(FormattableString.Invariant($$"""{"$tb":{{before}}}"""));
        return _appends.AppendAsync(SystemStreams.MetadataOf(_stream), new SystemEvent(SystemStreams.MetadataType, id, data, default), cancellation);
    }

    private sealed record Note(
        [property: JsonPropertyName("added")] DateTimeOffset Added,
        [property: JsonPropertyName("reason")] string Reason,
        [property: JsonPropertyName("subscriptionEventNumber")] long SubscriptionEventNumber);
}
