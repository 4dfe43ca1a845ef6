using System.Reflection;
using EventFeatures.Application.Events.Moving;
using EventFeatures.Core.Events;
using EventFeatures.Testing.Events;
using Shouldly;
using Xunit;

namespace EventFeatures.UnitTests.Events.Moving;

/// <summary>A map of four hundred chunks, of which only some are kept in memory.</summary>
public sealed class PositionMapTests
{
    private const int Chunks = 400, PerChunk = 3;

    private readonly InMemoryLog _log = new();
    private readonly MapEntry[] _entries = [.. Enumerable.Range(0, Chunks * PerChunk).Select(number => new MapEntry((ulong)number * 7, ((ulong)number * 11) + 500, 1_000_000 - number))];

    public static TheoryData<int> Places => [0, 1, 2, 3, 597, 600, 601, Chunks * PerChunk - 2, Chunks * PerChunk - 1];

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_position_is_found_by_few_reads_wherever_it_lies(int number)
    {
        await FillAsync();
        var counted = CountedReads.Of(_log);
        var map = new PositionMap((IEventLog)(object)counted, "m");
        var entry = _entries[number];

        (await map.OriginOfAsync(new Position(entry.New), default)).ShouldBe(entry);
        (await map.OriginOfAsync(new Position(entry.New + 1), default)).ShouldBeNull();
        (await map.ToNewAsync(new Position(entry.Old), default)).Value.ShouldBe(entry.New);
        (await map.ToNewAsync(new Position(entry.Old + 6), default)).Value.ShouldBe(entry.New);

        counted.Reads.ShouldBeLessThanOrEqualTo(12);
    }

    [Fact]
    public async Task Before_the_first_copied_event_lies_nothing()
    {
        await FillAsync();
        var map = new PositionMap(_log, "m");

        (await map.OriginOfAsync(new Position(499), default)).ShouldBeNull();
        (await new PositionMap(_log, "another").ToNewAsync(new Position(12), default)).ShouldBe(Position.Start);
    }

    private async Task FillAsync()
    {
        foreach (var entries in _entries.Chunk(PerChunk))
            await _log.AppendToStreamAsync(PositionMap.StreamOf("m"), StreamState.Any, [new MapChunk(entries, Guid.NewGuid(), $"{entries[0].Old}").ToEventData("m")]);
    }

    /// <summary>The log, and how often a stream of it was read.</summary>
    public class CountedReads : DispatchProxy
    {
        private IEventLog _log = null!;

        public int Reads { get; private set; }

        public static CountedReads Of(IEventLog log)
        {
            var counted = (CountedReads)(object)Create<IEventLog, CountedReads>();
            counted._log = log;
            return counted;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name == nameof(IEventLog.ReadStreamAsync)) Reads++;
            return targetMethod.Invoke(_log, args);
        }
    }
}
