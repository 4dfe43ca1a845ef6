using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventFeatures.Core.Contracts;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Views.Telemetry;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Views.FeatureViews.Folding;

/// <summary>
/// Keeps refused events aside in the log, each in its contract's quarantine, with their reason and their original bytes.
/// An event's entry has an id made from contract and first position, so that every restart, every view of the contract and
/// every log into which the event is copied appends the same one. An event that is too large for an entry with its bytes has one without them, since the log holds
/// them in any case; and one that can have no entry at all stops nothing, but is logged and counted.
/// </summary>
internal sealed class Quarantine(IEventLog log, CompiledView view, ViewsTelemetry telemetry, ILogger logger)
{
    /// <summary>The type of the events of a quarantine's stream.</summary>
    public const string EventType = "EventQuarantined";

    // Entries are appended one by one, since two views may refuse overlapping sets; a few at a time keeps that quick.
    private const int AppendsMax = 8;

    public Task AppendAsync(IReadOnlyList<RefusedEvent> refused, CancellationToken cancellation) =>
        Parallel.ForEachAsync(
            refused,
            new ParallelOptions { MaxDegreeOfParallelism = AppendsMax, CancellationToken = cancellation },
            async (entry, token) => await AppendAsync(entry, token));

    private async Task AppendAsync(RefusedEvent refused, CancellationToken cancellation)
    {
        var contract = view.Contracts[Math.Max(0, view.SourceOf(refused.Event.StreamId, refused.Event.Type))];
        try
        {
            await AppendAsync(refused, contract, cancellation);
        }
        catch (Exception unkept) when (unkept is StreamDeletedException or AppendTooLargeException)
        {
            ViewsLog.NotQuarantined(logger, view.View.Reference, refused.Event.EventId, refused.Event.Position.ToString(), refused.Event.StreamId, unkept.Message);
            telemetry.NotQuarantined(view.View.Reference);
        }
    }

    private async Task AppendAsync(RefusedEvent refused, DataContract contract, CancellationToken cancellation)
    {
        var stream = QuarantinedEvent.StreamOf(contract.Name);
        try
        {
            await log.AppendToStreamAsync(stream, StreamState.Any, [Entry(refused, contract, withBytes: true)], cancellation);
        }
        catch (AppendTooLargeException)
        {
            await log.AppendToStreamAsync(stream, StreamState.Any, [Entry(refused, contract, withBytes: false)], cancellation);
        }
    }

    private EventData Entry(RefusedEvent refused, DataContract contract, bool withBytes)
    {
        var recorded = refused.Event;
        // The metadata may be what is large.
        var original = withBytes ? EventMetadata.FromJson(recorded.Metadata) : new EventMetadata();
        var metadata = new EventMetadata
        {
            CorrelationId = original.CorrelationId,
            CausationId = recorded.EventId.ToString(),
            TraceParent = original.TraceParent,
            TraceState = original.TraceState,
            Contract = contract.Reference,
            SchemaDigest = contract.Digest,
        };
        return new EventData(IdOf(contract.Name, recorded), EventType, Payload(refused, contract, withBytes), metadata.ToJson());
    }

    private byte[] Payload(RefusedEvent refused, DataContract contract, bool withBytes)
    {
        var recorded = refused.Event;
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("contract", contract.Reference);
            writer.WriteString("view", view.View.Reference);
            writer.WriteString("position", recorded.Position.ToString());
            writer.WriteString("stream", recorded.StreamId);
            writer.WriteNumber("revision", recorded.Revision);
            writer.WriteString("eventId", recorded.EventId);
            writer.WriteString("eventType", recorded.Type);
            writer.WriteString("contentType", recorded.ContentType);
            writer.WriteString("code", refused.Code);
            writer.WriteString("detail", withBytes ? refused.Detail : $"{refused.Detail} The event is too large for this entry to hold its bytes; the log holds them at position {recorded.Position}.");
            if (!withBytes) writer.WriteBoolean("omitted", true);
            writer.WriteBase64String("data", withBytes ? recorded.Data.Span : default);
            writer.WriteBase64String("metadata", withBytes ? recorded.Metadata.Span : default);
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    // Entries are known again by their ids alone, so what makes an id may never change for an entry that there is. A log of
    // which nothing was copied holds ids made from its own positions; these are the first ones, and a copy of such a log
    // holds both the entries and what its events' first positions were. So nothing is kept aside anew after a move, nor by
    // a later version. What is appended after a move may lie at a position from which another event was copied, whose entry
    // would be taken for its own, and so it would have none: only there the event's own id counts too. Events of several
    // logs that were copied into one are not told apart so, since what is copied shares no category with what is there.
    private static Guid IdOf(string contract, RecordedEvent recorded)
    {
        var place = recorded.First ?? new FirstPlace(recorded.Position, IsShared: false);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"quarantine\n{contract}\n{place.Position}{(place.IsShared ? $"\n{recorded.EventId}" : "")}"));
        // Marked as a version 8 UUID: one whose bits its maker chose.
        hash[6] = (byte)((hash[6] & 0x0f) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}
