using System.Buffers.Binary;
using EventFeatures.Log.EmbeddedNode.Writing;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class EventIdHashTests
{
    private const int Slots = 1 << 21;
    private const int Ids = Slots / 3 * 2;

    // Random ids need two steps on average to a free slot of a table that fills up to two thirds. Ids with these halves
    // crowd under a hash that mixes less.
    [Theory]
    [InlineData(0x274148DF3DDF8581)]
    [InlineData(0x62AB609D71D04209)]
    public void Counted_ids_find_their_slots_as_quickly_as_random_ones(long half) =>
        ((double)StepsToFreeSlots(half) / Ids).ShouldBeLessThan(2.5);

    private static long StepsToFreeSlots(long half)
    {
        var taken = new bool[Slots];
        long steps = 0;
        for (var index = 1; index <= Ids; index++)
        {
            var slot = EventIdHash.Of(Id(half, index)) % Slots;
            for (steps++; taken[slot]; steps++) slot = (slot + 1) % Slots;
            taken[slot] = true;
        }
        return steps;
    }

    private static Guid Id(long first, long second)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, first);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], second);
        return new Guid(bytes, bigEndian: true);
    }
}
