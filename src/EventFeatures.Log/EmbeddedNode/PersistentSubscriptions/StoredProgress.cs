using System.Globalization;
using System.Text.Json;
using EventFeatures.Log.EmbeddedNode.Reading;
using EventFeatures.Log.Protocol;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>
/// A group's checkpoint: the newest event of its checkpoint stream, in the form that a real server gives it, with
/// the group's id in its metadata.
/// </summary>
internal sealed class StoredProgress(GroupDefinition definition, EventPages pages, SystemAppends appends)
{
    private const string CheckpointType = "$SubscriptionCheckpoint";

    private readonly string _stream = definition.Key.CheckpointStream;
    private bool _isBounded;

    /// <summary>The last place up to which everything is handled; null when none was stored.</summary>
    public async Task<long?> LoadAsync(CancellationToken cancellation)
    {
        var newest = await pages.StreamBackwardsAsync(_stream, long.MaxValue, 1, cancellation);
        if (newest.Events is not [var stored] || !string.Equals(stored.Type, CheckpointType, StringComparison.Ordinal)) return null;
        var note = JsonSerializer.Deserialize<Note>(stored.Metadata.Span, JsonSerializerOptions.Web);
        if (note?.Definition != definition.Id) return null;
        _isBounded = true;
        return Places.Parse(JsonSerializer.Deserialize<string>(stored.Data.Span) ?? "");
    }

    /// <summary>Stores a place durably.</summary>
    public async Task StoreAsync(long place, CancellationToken cancellation)
    {
        var note = JsonSerializer.SerializeToUtf8Bytes(new Note(definition.Id), JsonSerializerOptions.Web);
        var text = JsonSerializer.SerializeToUtf8Bytes(Places.Describe(definition.Key, place));
        var id = SystemAppends.IdOf("checkpoint", definition.Id.ToString(), place.ToString(CultureInfo.InvariantCulture));
        await appends.AppendAsync(_stream, new SystemEvent(CheckpointType, id, text, note), cancellation);
        if (_isBounded) return;
        // Only the newest is ever read.
        var bounded = SystemAppends.IdOf("bounded", definition.Id.ToString());
        await appends.AppendAsync(SystemStreams.MetadataOf(_stream), new SystemEvent(SystemStreams.MetadataType, bounded, """{"$maxCount":2}"""u8.ToArray(), default), cancellation);
        _isBounded = true;
    }

    private sealed record Note(Guid Definition);
}
