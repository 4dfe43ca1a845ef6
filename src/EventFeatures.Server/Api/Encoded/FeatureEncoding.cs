using System.Buffers;
using System.Text;
using EventFeatures.Application.FeatureServices;
using EventFeatures.Core.FeatureServices;
using EventFeatures.Core.Time;
using EventFeatures.Log.Protocol;

namespace EventFeatures.Server.Api.Encoded;

/// <summary>
/// Writes the answers of reads as the generated code of their messages would, to the byte, but without the messages: of an
/// answer of many features they are most of the work, and nearly all of the memory.
/// </summary>
internal static class FeatureEncoding
{
    private const int BytesOfAFeature = 80;
    private const int BytesOfAView = 200;

    // Of GetFeaturesResponse and of GetFeatureBatchResponse.
    private const byte AsOf = 1 << 3 | 2;

    // Of GetFeaturesResponse.
    private const byte Feature = 2 << 3 | 2;
    private const byte View = 3 << 3 | 2;
    private const byte Precomputed = 4 << 3 | 2;
    private const byte FeatureColumns = 5 << 3 | 2;

    // Of FeatureValue.
    private const byte Name = 1 << 3 | 2;
    private const byte FeatureOwnValue = 2 << 3 | 2;
    private const byte Status = 3 << 3;
    private const byte OccurredAt = 4 << 3 | 2;
    private const byte AgeSeconds = 5 << 3 | 1;
    private const byte Defaulted = 6 << 3;

    // Of GetFeatureBatchResponse.
    private const byte BatchName = 2 << 3 | 2;
    private const byte BatchRow = 3 << 3 | 2;
    private const byte BatchView = 4 << 3 | 2;

    /// <summary>A whole answer.</summary>
    public static EncodedAnswer Encode(FeaturesAnswer answer)
    {
        var encoded = Features(answer.AsOf, answer.Features, answer.Views.Count * BytesOfAView);
        foreach (var view in answer.Views) encoded.Message(View, view.ToMessage());
        return encoded;
    }

    /// <summary>An answer of features that were encoded before, as <see cref="Features"/> or <see cref="Columns"/> does.</summary>
    public static EncodedAnswer Encode(ReadOnlySpan<byte> features, IReadOnlyList<ViewAnswer> views, EventFeatures.Api.V1.Precomputed precomputed)
    {
        var encoded = new EncodedAnswer(features.Length + (1 + views.Count) * BytesOfAView);
        encoded.Fields(features);
        foreach (var view in views) encoded.Message(View, view.ToMessage());
        encoded.Message(Precomputed, precomputed);
        return encoded;
    }

    /// <summary>The part of an answer that says which features there are at which instant.</summary>
    /// <param name="asOf">The instant.</param>
    /// <param name="values">The features.</param>
    /// <param name="more">How many bytes will follow, about.</param>
    public static EncodedAnswer Features(Instant asOf, IReadOnlyList<ServiceValue> values, int more)
    {
        var encoded = new EncodedAnswer(values.Count * BytesOfAFeature + more);
        encoded.Text(AsOf, asOf.ToString());
        var times = new InstantTexts();
        for (var i = 0; i < values.Count; i++) Write(values[i], asOf, times, encoded);
        return encoded;
    }

    /// <summary>The part of an answer that says which features there are at which instant, as columns.</summary>
    public static EncodedAnswer Columns(Instant asOf, EventFeatures.Api.V1.FeatureColumns columns)
    {
        var encoded = new EncodedAnswer(columns.CalculateSize() + BytesOfAView);
        encoded.Text(AsOf, asOf.ToString());
        encoded.Message(FeatureColumns, columns);
        return encoded;
    }

    /// <summary>A whole answer for many rows.</summary>
    public static EncodedAnswer Encode(FeatureBatchAnswer answer)
    {
        var encoded = new EncodedAnswer((answer.Rows.Count * BytesOfAFeature / 2 + BytesOfAView) * Math.Max(1, answer.Names.Count));
        encoded.Text(AsOf, answer.AsOf.ToString());
        foreach (var name in answer.Names) encoded.Text(BatchName, name);
        var forms = ArrayPool<ValueForm>.Shared.Rent(answer.Names.Count);
        foreach (var row in answer.Rows) new RowForm(row, forms).Write(BatchRow, encoded);
        // What it held must not be kept from the collector.
        ArrayPool<ValueForm>.Shared.Return(forms, clearArray: true);
        foreach (var view in answer.ViewPoints()) encoded.Message(BatchView, view);
        return encoded;
    }

    private static void Write(ServiceValue feature, Instant asOf, InstantTexts times, EncodedAnswer encoded)
    {
        var name = Encoding.UTF8.GetByteCount(feature.Name);
        var value = new ValueForm(feature.Value);
        var occurredAt = times.Of(feature.OccurredAt);
        var age = feature.FreshnessAt(asOf);
        var length = FieldSize.Field(name) + FieldSize.Field(value.Length) + 2
            + (occurredAt.Length > 0 ? FieldSize.Field(occurredAt.Length) : 0) + (age is null ? 0 : 1 + sizeof(double)) + (feature.Defaulted ? 2 : 0);
        var at = encoded.Room(FieldSize.Field(length));
        at.Length(Feature, length);
        at.Text(Name, feature.Name, name);
        value.Write(FeatureOwnValue, ref at);
        at.Varint(Status, (ulong)FeatureMessages.ToMessage(feature.Status));
        if (occurredAt.Length > 0) at.Text(OccurredAt, occurredAt, occurredAt.Length);
        if (age is { } since) at.Double(AgeSeconds, since.Microseconds / 1e6);
        if (feature.Defaulted) at.Varint(Defaulted, 1);
    }
}
