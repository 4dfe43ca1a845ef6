using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.FeatureViews.State;
using EventFeatures.Core.Values;
using Shouldly;

namespace EventFeatures.UnitTests.FeatureViews;

/// <summary>Folds and their bytes.</summary>
internal static class Folds
{
    public static byte[] Bytes(Accumulator fold)
    {
        var writer = new StateWriter();
        fold.Write(writer);
        return writer.Written.ToArray();
    }

    /// <summary>What the bytes of a fold read back as.</summary>
    /// <param name="fold">The fold.</param>
    /// <param name="empty">An empty one of the same feature.</param>
    public static Accumulator Restored(Accumulator fold, Accumulator empty)
    {
        var reader = new StateReader(Bytes(fold));
        empty.Read(ref reader);
        reader.AtEnd.ShouldBeTrue();
        return empty;
    }

    /// <summary>Compares bytes at once, and writes them out only where they differ.</summary>
    public static void ShouldBeSame(this byte[] bytes, byte[] expected)
    {
        if (!bytes.AsSpan().SequenceEqual(expected)) Convert.ToHexString(bytes).ShouldBe(Convert.ToHexString(expected));
    }

    /// <summary>The same in an order that a seed picks.</summary>
    public static T[] Shuffled<T>(this IEnumerable<T> items, int seed)
    {
        var shuffled = items.ToArray();
        new Random(seed).Shuffle(shuffled);
        return shuffled;
    }

    /// <summary>Folds in order, and shuffled, in groups, with every other group read back from its bytes; both must be the same.</summary>
    public static void ShouldNotDependOnOrder(Func<Accumulator> start, (Place Place, Value Value)[] inputs, int seed, int groupSize)
    {
        var inOrder = start();
        foreach (var (place, value) in inputs.OrderBy(input => input.Place)) inOrder.Add(value, place);
        var merged = start();
        foreach (var (index, group) in inputs.Shuffled(seed).Chunk(groupSize).Index())
        {
            var part = start();
            foreach (var (place, value) in group) part.Add(value, place);
            merged.Merge(index % 2 == 0 ? part : Restored(part, start()));
            if (index % 3 == 0) merged = Restored(merged, start());
        }
        Bytes(merged).ShouldBeSame(Bytes(inOrder));
        merged.Finish(Cards.Noon).ShouldBe(inOrder.Finish(Cards.Noon));
        Bytes(Restored(merged, start())).ShouldBeSame(Bytes(merged));
        merged.Clear();
        Bytes(merged).ShouldBeSame(Bytes(start()));
        merged.Finish(Cards.Noon).ShouldBe(start().Finish(Cards.Noon));
    }
}
