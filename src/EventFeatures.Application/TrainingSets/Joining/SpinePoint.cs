using EventFeatures.Application.TrainingSets.Spilling;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.TrainingSets;

namespace EventFeatures.Application.TrainingSets.Joining;

/// <summary>What one view is asked for one spine row.</summary>
/// <param name="EntityKey">The entity in that view.</param>
/// <param name="Row">The spine row's index.</param>
/// <param name="Point">The instant, and the position where one is stated.</param>
internal sealed record SpinePoint(string EntityKey, long Row, JoinPoint Point)
{
    /// <summary>Entity after entity, each in the spine's order.</summary>
    public static readonly IComparer<SpinePoint> ByEntity = Comparer<SpinePoint>.Create((left, right) =>
        left._beginning != right._beginning ? left._beginning.CompareTo(right._beginning)
        : string.CompareOrdinal(left.EntityKey, right.EntityKey) is var byKey and not 0 ? byKey
        : left.Row.CompareTo(right.Row));

    // The key's first characters as a number of the same order: most comparisons of a sort look no further.
    private readonly ulong _beginning = BeginningOf(EntityKey);

    private static ulong BeginningOf(string key)
    {
        const int Characters = 4;
        var beginning = 0UL;
        for (var i = 0; i < Characters; i++) beginning = (beginning << 16) | (i < key.Length ? key[i] : '\0');
        return beginning;
    }

    public sealed class Format : SpillFormat<SpinePoint>
    {
        public override void Write(StateWriter writer, SpinePoint item)
        {
            writer.WriteText(item.EntityKey);
            writer.WriteUnsigned((ulong)item.Row);
            writer.WriteInstant(item.Point.AsOf);
            writer.WriteByte(item.Point.KnownAt is null ? (byte)0 : (byte)1);
            if (item.Point.KnownAt is { } knownAt) writer.WriteUnsigned(knownAt.Value);
        }

        public override SpinePoint Read(ref StateReader reader)
        {
            var (key, row, asOf) = (reader.ReadText(), (long)reader.ReadUnsigned(), reader.ReadInstant());
            return new SpinePoint(key, row, new JoinPoint(asOf, reader.ReadFlag() ? new Position(reader.ReadUnsigned()) : null));
        }
    }
}
