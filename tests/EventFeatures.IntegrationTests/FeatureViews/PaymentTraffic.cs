using EventFeatures.Core.Events;
using EventFeatures.Core.Time;

namespace EventFeatures.IntegrationTests.FeatureViews;

/// <summary>Payments as they come in life, from a seed: out of order, repeated, too late, malformed, odd numbers.</summary>
internal static class PaymentTraffic
{
    private static readonly string[] Countries = ["FR", "DE", "ES", "\\u0000", "\\uD83D\\uDE00", "Ünï", "\\u001a"];

    public static async Task AppendAsync(IEventLog log, int seed, int events, int cards)
    {
        var random = new Random(seed);
        var revisions = new Dictionary<string, long>();
        var ids = new Dictionary<string, List<Guid>>();
        for (var i = 0; i < events; i++)
        {
            if (random.Next(20) == 0) await log.AppendToStreamAsync("other-1", StreamState.Any, [new EventData(NextId(random), "Else", "{}"u8.ToArray())]);
            var stream = "card-" + random.Next(cards);
            if (!ids.TryGetValue(stream, out var known))
            {
                known = ids[stream] = await IdsOfAsync(log, stream);
                revisions[stream] = known.Count - 1;
            }
            // An id used before, be it of a moment or of long ago, and with another content.
            var id = known.Count > 0 && random.Next(8) == 0 ? known[random.Next(known.Count)] : NextId(random);
            var data = random.Next(40) == 0 ? Payments.Malformed(id) : Next(random, i, id);
            var revision = revisions[stream];
            await log.AppendToStreamAsync(stream, revision < 0 ? StreamState.NoStream : StreamState.StreamRevision(revision), [data]);
            revisions[stream] = revision + 1;
            known.Add(id);
        }
    }

    // More traffic goes on where earlier traffic ended.
    private static async Task<List<Guid>> IdsOfAsync(IEventLog log, string stream)
    {
        var ids = new List<Guid>();
        await foreach (var recorded in log.ReadStreamAsync(stream)) ids.Add(recorded.EventId);
        return ids;
    }

    private static EventData Next(Random random, int i, Guid id)
    {
        var lateness = random.Next(12) switch { 0 => random.Next(7_200), 1 => random.Next(40_000), _ => random.Next(60) };
        var amount = random.Next(10) switch { 0 => -0.0, 1 => 1e-300, 2 => 1e300, 3 => 0.1 * random.Next(100), _ => random.NextDouble() * 500 };
        return Payments.Payment(
            amount, Payments.Noon + new Duration((i * 97_000_003L) - (lateness * 1_000_000L)), Countries[random.Next(Countries.Length)],
            random.Next(3) == 0 ? "declined" : "approved", random.Next(1_000_000) / 1000m, random.NextInt64(-5, long.MaxValue), id);
    }

    private static Guid NextId(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }
}
