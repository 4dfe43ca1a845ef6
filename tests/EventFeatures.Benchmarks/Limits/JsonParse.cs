using System.Diagnostics;
using System.Text.Json;

namespace EventFeatures.Benchmarks.Limits;

/// <summary>Walking an event's JSON with the platform's reader, on one core: nothing that reads events is faster.</summary>
internal static class JsonParse
{
    /// <summary>Events a second.</summary>
    public static double Measure(byte[] payload, TimeSpan duration)
    {
        Walk(payload, TimeSpan.FromSeconds(duration.TotalSeconds / 4));
        return Walk(payload, duration);
    }

    private static double Walk(byte[] payload, TimeSpan duration)
    {
        var watch = Stopwatch.StartNew();
        long events = 0, tokens = 0;
        while (watch.Elapsed < duration)
        {
            for (var i = 0; i < 1_000; i++, events++)
            {
                var reader = new Utf8JsonReader(payload);
                while (reader.Read()) tokens++;
            }
        }
        return tokens > 0 ? events / watch.Elapsed.TotalSeconds : 0;
    }
}
