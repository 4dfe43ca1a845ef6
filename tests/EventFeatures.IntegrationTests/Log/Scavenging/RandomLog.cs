using System.Text;
using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using Microsoft.Extensions.Time.Testing;

namespace EventFeatures.IntegrationTests.Log.Scavenging;

/// <summary>Streams and metadata as chance has them, the same for the same seed, over hours of a clock that jumps.</summary>
internal sealed class RandomLog(int seed, EventStoreLog log, FakeTimeProvider clock, CancellationToken late)
{
    private readonly Random _random = new(seed);

    /// <summary>The shortest <c>$maxAge</c> that is set, in seconds.</summary>
    public int AgeMin { get; init; } = 1;

    /// <summary>The streams, some of which may never get an event.</summary>
    public IReadOnlyList<string> Streams { get; } = [.. Enumerable.Range(0, 6).Select(number => $"card-{number}"), "shop-1", "links"];

    /// <summary>Every event that was appended, by whatever stream.</summary>
    public List<(string Stream, EventData Data)> Appended { get; } = [];

    /// <summary>Does a number of things to the log.</summary>
    public async Task LiveAsync(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            clock.Advance(TimeSpan.FromSeconds(_random.Next(0, 120)));
            try
            {
                await StepAsync();
            }
            catch (Exception refused) when (refused is StreamDeletedException or WrongExpectedVersionException)
            {
                // A closed stream takes nothing more, and nobody deletes what was never there.
            }
        }
    }

    private Task StepAsync()
    {
        var stream = Streams[_random.Next(Streams.Count)];
        return _random.Next(20) switch
        {
            < 13 => AppendAsync(stream),
            < 17 => SetAsync(stream),
            17 => log.DeleteStreamAsync(stream, StreamState.Any, late),
            18 when _random.Next(3) == 0 => log.TombstoneStreamAsync(stream, StreamState.Any, late),
            _ => AppendAsync("shop-1"),
        };
    }

    private async Task AppendAsync(string stream)
    {
        EventData[] events = [.. Enumerable.Range(0, _random.Next(1, 60)).Select(_ => stream == "links" ? Link() : Event())];
        await log.AppendToStreamAsync(stream, StreamState.Any, events, late);
        Appended.AddRange(events.Select(data => (stream, data)));
    }

    private Task SetAsync(string stream)
    {
        var json = _random.Next(8) switch
        {
            0 => $$"""{"$maxCount":{{_random.Next(1, 50)}}}""",
            1 => $$"""{"$maxAge":{{_random.Next(AgeMin, AgeMin + 3_000)}}}""",
            2 => $$"""{"$tb":{{_random.Next(0, 200)}}}""",
            3 => $$"""{"$maxCount":{{_random.Next(1, 50)}},"$maxAge":{{_random.Next(AgeMin, AgeMin + 3_000)}},"$tb":{{_random.Next(0, 200)}}}""",
            4 => """{"owner":"ops"}""",
            5 => "no metadata at all",
            6 => """{"$maxCount":"many"}""",
            _ => "{}",
        };
        return log.AppendToStreamAsync("$$" + stream, StreamState.Any, [new EventData(Guid.NewGuid(), "$metadata", Encoding.UTF8.GetBytes(json))], late);
    }

    private EventData Event() => new(Guid.NewGuid(), _random.Next(3) == 0 ? "Paid" : "Tested", Bytes(200), Bytes(20), "application/octet-stream");

    private EventData Link() => new(
        Guid.NewGuid(), "$>", Encoding.UTF8.GetBytes(FormattableString.Invariant($"{_random.Next(0, 100)}@{Streams[_random.Next(6)]}")), default, "application/octet-stream");

    private byte[] Bytes(int lengthMax)
    {
        var bytes = new byte[_random.Next(lengthMax)];
        _random.NextBytes(bytes);
        return bytes;
    }
}
