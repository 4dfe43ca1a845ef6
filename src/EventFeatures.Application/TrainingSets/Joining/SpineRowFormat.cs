using EventFeatures.Application.TrainingSets.Spilling;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.TrainingSets;
using EventFeatures.Core.Values;

namespace EventFeatures.Application.TrainingSets.Joining;

/// <summary>A spine row on disk.</summary>
internal sealed class SpineRowFormat : SpillFormat<SpineRow>
{
    public override void Write(StateWriter writer, SpineRow item)
    {
        writer.WriteUnsigned((ulong)item.Entities.Count);
        foreach (var (name, key) in item.Entities)
        {
            writer.WriteText(name);
            writer.WriteText(key);
        }
        writer.WriteInstant(item.Time);
        writer.WriteByte(item.KnownAt is null ? (byte)0 : (byte)1);
        if (item.KnownAt is { } knownAt) writer.WriteUnsigned(knownAt.Value);
        writer.WriteUnsigned((ulong)item.KnownAtByView.Count);
        foreach (var (view, position) in item.KnownAtByView)
        {
            writer.WriteText(view.Name);
            writer.WriteUnsigned((ulong)view.Version);
            writer.WriteUnsigned(position.Value);
        }
        writer.WriteByte(item.Label is null ? (byte)0 : (byte)1);
        if (item.Label is { } label) writer.WriteBits(BitConverter.DoubleToInt64Bits(label));
        Write(writer, item.Context);
        Write(writer, item.Extra);
    }

    public override SpineRow Read(ref StateReader reader)
    {
        var entities = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var left = reader.ReadCount(); left > 0; left--) entities.Add(reader.ReadText(), reader.ReadText());
        var time = reader.ReadInstant();
        Position? knownAt = reader.ReadFlag() ? new Position(reader.ReadUnsigned()) : null;
        var byView = new Dictionary<ViewReference, Position>();
        for (var left = reader.ReadCount(); left > 0; left--)
            byView.Add(new ViewReference(reader.ReadText(), (int)reader.ReadUnsigned()), new Position(reader.ReadUnsigned()));
        double? label = reader.ReadFlag() ? BitConverter.Int64BitsToDouble(reader.ReadBits()) : null;
        return new SpineRow(entities, time)
        {
            KnownAt = knownAt, KnownAtByView = byView, Label = label, Context = ReadValues(ref reader), Extra = ReadValues(ref reader),
        };
    }

    private static void Write(StateWriter writer, IReadOnlyDictionary<string, Value> values)
    {
        writer.WriteUnsigned((ulong)values.Count);
        foreach (var (name, value) in values)
        {
            writer.WriteText(name);
            writer.WriteValue(value);
        }
    }

    private static Dictionary<string, Value> ReadValues(ref StateReader reader)
    {
        var values = new Dictionary<string, Value>(StringComparer.Ordinal);
        for (var left = reader.ReadCount(); left > 0; left--) values.Add(reader.ReadText(), reader.ReadValue());
        return values;
    }
}
