using System.Buffers;
using System.Text.Json;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.Values;
using EventFeatures.Views.FeatureViews.Folding;

namespace EventFeatures.Views.FeatureViews.Storage;

/// <summary>Writes entities as the JSON of <see cref="OnlineEntity"/>, without making one. For one writer at a time.</summary>
internal sealed class OnlineEntityJson
{
    private readonly JsonEncodedText[] _features;
    private readonly ArrayBufferWriter<byte> _value = new();
    private readonly Utf8JsonWriter _valueWriter;

    public OnlineEntityJson(FeatureView view)
    {
        _features = [.. view.Features.Select(feature => JsonEncodedText.Encode(feature.Name))];
        _valueWriter = new Utf8JsonWriter(_value, ValueJson.WriterOptions);
    }

    /// <summary>Writes one document, and starts <paramref name="writer"/> anew for the next.</summary>
    public void Write(Utf8JsonWriter writer, EntityImage image)
    {
        writer.WriteStartObject();
        writer.WriteString(nameof(OnlineEntity.Id), PostgresText.Encode(image.Key));
        writer.WriteNumber(nameof(OnlineEntity.LastRevision), image.LastRevision);
        writer.WriteNumber(nameof(OnlineEntity.LastPosition), image.LastPosition.Value);
        if (image.AsOf is { } asOf) writer.WriteNumber(nameof(OnlineEntity.AsOfMicroseconds), asOf.Microseconds);
        else writer.WriteNull(nameof(OnlineEntity.AsOfMicroseconds));
        writer.WriteStartObject(nameof(OnlineEntity.Values));
        for (var i = 0; i < (image.Values?.Count ?? 0); i++) WriteValue(writer, _features[i], image.Values![i].Value);
        writer.WriteEndObject();
        writer.WriteBase64String(nameof(OnlineEntity.State), image.State);
        writer.WriteEndObject();
        writer.Flush();
        writer.Reset();
    }

    // As JSON within a string, since JSON's own numbers are not all that a number can be.
    private void WriteValue(Utf8JsonWriter writer, JsonEncodedText name, in Value value)
    {
        if (value.IsNull)
        {
            writer.WriteNull(name);
            return;
        }
        _value.ResetWrittenCount();
        _valueWriter.Reset();
        ValueJson.Write(_valueWriter, value);
        _valueWriter.Flush();
        writer.WriteString(name, _value.WrittenSpan);
    }
}
