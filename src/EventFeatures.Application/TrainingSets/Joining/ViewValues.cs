using EventFeatures.Application.TrainingSets.Spilling;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.FeatureViews.State;

namespace EventFeatures.Application.TrainingSets.Joining;

/// <summary>What one view gave one spine row.</summary>
/// <param name="Row">The spine row's index.</param>
/// <param name="Values">In the order of the view's features.</param>
/// <param name="IsLeak">Whether a value rests on an event that was not known then.</param>
/// <param name="IsMismatch">Whether refolding gave other bits.</param>
/// <param name="RestsOnLater">Whether the row states its own position, and a value rests on an event that was recorded after the row's time.</param>
internal sealed record ViewValues(long Row, IReadOnlyList<FeatureValue> Values, bool IsLeak, bool IsMismatch, bool RestsOnLater)
{
    public static readonly IComparer<ViewValues> ByRow = Comparer<ViewValues>.Create((left, right) => left.Row.CompareTo(right.Row));

    public sealed class Format : SpillFormat<ViewValues>
    {
        public override void Write(StateWriter writer, ViewValues item)
        {
            writer.WriteUnsigned((ulong)item.Row);
            writer.WriteByte(item.IsLeak ? (byte)1 : (byte)0);
            writer.WriteByte(item.IsMismatch ? (byte)1 : (byte)0);
            writer.WriteByte(item.RestsOnLater ? (byte)1 : (byte)0);
            writer.WriteUnsigned((ulong)item.Values.Count);
            foreach (var value in item.Values)
            {
                writer.WriteValue(value.Value);
                writer.WriteByte((byte)value.Status);
                writer.WriteByte(value.OccurredAt is null ? (byte)0 : (byte)1);
                if (value.OccurredAt is { } occurredAt) writer.WriteInstant(occurredAt);
            }
        }

        public override ViewValues Read(ref StateReader reader)
        {
            var (row, isLeak, isMismatch, restsOnLater) = ((long)reader.ReadUnsigned(), reader.ReadFlag(), reader.ReadFlag(), reader.ReadFlag());
            var values = new FeatureValue[reader.ReadCount()];
            for (var i = 0; i < values.Length; i++)
            {
                var (value, status) = (reader.ReadValue(), (FeatureStatus)reader.ReadByte());
                values[i] = new FeatureValue(value, status, reader.ReadFlag() ? reader.ReadInstant() : null);
            }
            return new ViewValues(row, values, isLeak, isMismatch, restsOnLater);
        }
    }
}
