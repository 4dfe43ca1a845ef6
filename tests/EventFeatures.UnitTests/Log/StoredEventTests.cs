using System.Runtime.InteropServices;
using EventFeatures.Log.EmbeddedNode.Links;
using EventFeatures.Log.EmbeddedNode.Storage;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Log;

public sealed class StoredEventTests
{
    [Fact]
    public void An_event_apart_is_the_same_and_keeps_nothing_of_its_appends_rows()
    {
        var rows = new byte[1 << 20];
        var stored = new StoredEvent("card-1", "Tested", Guid.NewGuid(), true, rows.AsMemory(10, 20), rows.AsMemory(40, 5))
        {
            Position = 7, Revision = 3, CreatedMicroseconds = 11,
        };
        rows[10] = 42;

        var apart = stored.Apart();
        var link = LinkEvents.To(stored, "$ce-card", 5).Apart();

        (apart.Stream, apart.Type, apart.Id, apart.IsJson, apart.IsRemoved, apart.Position, apart.Revision, apart.CreatedMicroseconds)
            .ShouldBe((stored.Stream, stored.Type, stored.Id, true, false, 7L, 3L, 11L));
        apart.Data.ToArray().ShouldBe(stored.Data.ToArray());
        (link.Stream, link.Revision, link.Position).ShouldBe(("$ce-card", 5L, 7L));
        foreach (var kept in new[] { apart, link.Target! })
            (Held(kept.Data), Held(kept.Metadata)).ShouldBe((20, 5));
    }

    private static int Held(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out var array) ? array.Array!.Length : -1;
}
