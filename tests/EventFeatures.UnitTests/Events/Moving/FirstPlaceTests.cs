using System.Text.Json;
using EventFeatures.Application.Events.Moving;
using EventFeatures.Core.Events;
using EventFeatures.Testing.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Events.Moving;

/// <summary>Where events first lay, of a log into which one was copied that had been copied itself.</summary>
public sealed class FirstPlaceTests
{
    private readonly InMemoryLog _log = new();

    [Fact]
    public async Task Each_event_says_where_it_first_lay_and_whether_another_one_came_from_there()
    {
        // Of log 'a', positions 2 and 9 were copied to 4 and 5 of log 'b', to which 9 and 20 were appended; 'b' was copied here.
        await MapAsync("a", (2, 4), (9, 5));
        await MapAsync("b", (4, 100), (5, 101), (9, 102), (20, 103));
        await AppendAsync("positionmap-index", new EventData(Guid.NewGuid(), nameof(CopyStarted), JsonSerializer.SerializeToUtf8Bytes(
            new CopyStarted(new CopiedLog("b", [new CopiedLog("a", [])]), "ops", "moving"), JsonSerializerOptions.Web)));
        await AppendAsync("card-1", [.. Enumerable.Range(0, 120).Select(_ => new EventData(Guid.NewGuid(), "Tested", "{}"u8.ToArray()))]);
        using var maps = new PositionMaps(_log);
        var moved = new MovedLog(_log, maps);

        (await FirstAsync(100)).ShouldBe(new FirstPlace(new Position(2), IsShared: false));
        (await FirstAsync(101)).ShouldBe(new FirstPlace(new Position(9), IsShared: false));
        (await FirstAsync(102)).ShouldBe(new FirstPlace(new Position(9), IsShared: true), "an event of 'a' came from there");
        (await FirstAsync(103)).ShouldBe(new FirstPlace(new Position(20), IsShared: false));
        (await FirstAsync(20)).ShouldBe(new FirstPlace(new Position(20), IsShared: true), "it was appended here, where an event of 'b' came from");
        (await FirstAsync(104)).ShouldBeNull();

        async Task<FirstPlace?> FirstAsync(ulong position) =>
            (await moved.ReadAllAsync(ReadDirection.Forwards, new Position(position), countMax: 1).SingleAsync()).First;
    }

    private Task MapAsync(string map, params (ulong Old, ulong New)[] places) =>
        AppendAsync(PositionMap.StreamOf(map), new MapChunk([.. places.Select(place => new MapEntry(place.Old, place.New, 0))], Guid.NewGuid(), map).ToEventData(map));

    private Task AppendAsync(string stream, params EventData[] events) => _log.AppendToStreamAsync(stream, StreamState.Any, events);
}
