using System.Runtime.CompilerServices;
using System.Text.Json;
using EventFeatures.Core.Events;
using EventFeatures.Core.Predictions;
using EventFeatures.Core.Time;

namespace EventFeatures.Application.Events.Moving;

/// <summary>
/// The log as the system reads it where events were copied from another one: they have the time at which that one recorded
/// them and say where they first lay, and the positions that a copied prediction knew of are this log's. What the log itself holds is unchanged.
/// Without copied events it is the log as it stands.
/// </summary>
public sealed class MovedLog(IEventLog log, PositionMaps maps) : IEventLog
{
    /// <inheritdoc/>
    public Task<AppendResult> AppendToStreamAsync(string stream, StreamState expected, IReadOnlyList<EventData> events, CancellationToken cancellation = default) =>
        log.AppendToStreamAsync(stream, expected, events, cancellation);

    /// <inheritdoc/>
    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        string stream, ReadDirection direction = ReadDirection.Forwards, long? fromRevision = null, long countMax = long.MaxValue,
        bool resolveLinks = false, CancellationToken cancellation = default) =>
        SeenAsync(log.ReadStreamAsync(stream, direction, fromRevision, countMax, resolveLinks, cancellation), cancellation);

    /// <inheritdoc/>
    public IAsyncEnumerable<RecordedEvent> ReadAllAsync(
        ReadDirection direction, Position from, EventFilter? filter = null, long countMax = long.MaxValue, CancellationToken cancellation = default) =>
        SeenAsync(log.ReadAllAsync(direction, from, filter, countMax, cancellation), cancellation);

    /// <inheritdoc/>
    public IAsyncEnumerable<LogMessage> SubscribeToAll(FromAll from, EventFilter? filter = null, CancellationToken cancellation = default) =>
        SeenAsync(log.SubscribeToAll(from, filter, cancellation), cancellation);

    /// <inheritdoc/>
    public IAsyncEnumerable<LogMessage> SubscribeToStream(string stream, FromStream from, bool resolveLinks = false, CancellationToken cancellation = default) =>
        SeenAsync(log.SubscribeToStream(stream, from, resolveLinks, cancellation), cancellation);

    /// <inheritdoc/>
    public Task<Position> DeleteStreamAsync(string stream, StreamState expected, CancellationToken cancellation = default) =>
        log.DeleteStreamAsync(stream, expected, cancellation);

    /// <inheritdoc/>
    public Task<Position> TombstoneStreamAsync(string stream, StreamState expected, CancellationToken cancellation = default) =>
        log.TombstoneStreamAsync(stream, expected, cancellation);

    /// <inheritdoc/>
    public Task<StreamMetadataAt> GetStreamMetadataAsync(string stream, CancellationToken cancellation = default) =>
        log.GetStreamMetadataAsync(stream, cancellation);

    /// <inheritdoc/>
    public Task<AppendResult> SetStreamMetadataAsync(string stream, StreamState expected, StreamMetadata metadata, CancellationToken cancellation = default) =>
        log.SetStreamMetadataAsync(stream, expected, metadata, cancellation);

    /// <inheritdoc/>
    public Task<Position?> ReadHeadAsync(CancellationToken cancellation = default) => log.ReadHeadAsync(cancellation);

    private async IAsyncEnumerable<RecordedEvent> SeenAsync(IAsyncEnumerable<RecordedEvent> events, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var isMoved = await maps.AnyAsync(cancellation);
        await foreach (var recorded in events.WithCancellation(cancellation)) yield return isMoved ? await SeenAsync(recorded, cancellation) : recorded;
    }

    private async IAsyncEnumerable<LogMessage> SeenAsync(IAsyncEnumerable<LogMessage> messages, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var isMoved = await maps.AnyAsync(cancellation);
        await foreach (var message in messages.WithCancellation(cancellation))
            yield return isMoved && message is LogMessage.Event { Recorded: var recorded } ? new LogMessage.Event(await SeenAsync(recorded, cancellation)) : message;
    }

    private async Task<RecordedEvent> SeenAsync(RecordedEvent recorded, CancellationToken cancellation)
    {
        if (await maps.OriginOfAsync(recorded.Position, cancellation) is not { } origin)
            return await maps.AnyCameFromAsync(recorded.Position, cancellation) ? recorded with { First = new FirstPlace(recorded.Position, IsShared: true) } : recorded;
        var seen = recorded with { Created = new Instant(origin.Created), First = origin.First };
        return recorded.Type == PredictionMade.Type ? seen with { Data = await KnownHereAsync(recorded.Data, origin, cancellation) } : seen;
    }

    private static async Task<ReadOnlyMemory<byte>> KnownHereAsync(ReadOnlyMemory<byte> data, PositionMaps.Origin origin, CancellationToken cancellation)
    {
        PredictionMade made;
        try
        {
            made = PredictionJson.Read(data);
        }
        catch (JsonException)
        {
            // Whoever reads it as a prediction will say that it is none.
            return data;
        }
        var views = new List<ViewUse>(made.Views.Count);
        foreach (var use in made.Views) views.Add(use with { KnownAt = await PositionMaps.HereAsync(use.KnownAt, origin, cancellation) });
        return PredictionJson.Write(made with { Views = views });
    }
}
