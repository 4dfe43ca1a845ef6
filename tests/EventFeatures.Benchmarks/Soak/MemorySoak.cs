using EventFeatures.Testing.Faults;
using EventFeatures.Testing.Faults.Rig;

namespace EventFeatures.Benchmarks.Soak;

/// <summary>Holds a node to flat memory over many small requests, and under many subscribers.</summary>
internal sealed class MemorySoak(KillableCluster cluster, SoakReport report)
{
    private const string Database = "memory";
    private const int Steps = 10;
    private const int Subscribers = 1_000;
    private const int Events = 200;
    private const long MiB = 1024 * 1024;

    // What is known of streams and of recent event ids fills up to its bounds, which is some tens of MiB.
    private const long GrowthMax = 48 * MiB;
    private const long PerSubscriberMax = 64 * 1024;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <returns>What grew, in words.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(long requests, CancellationToken stop)
    {
        await using var session = await MemorySession.StartAsync(await cluster.CreateDatabaseAsync(Database).ConfigureAwait(false)).ConfigureAwait(false);
        List<string> wrong = [];
        NodeMemory? first = null, last = null;
        for (var step = 1; step <= Steps && !stop.IsCancellationRequested; step++)
        {
            await session.RequestAsync(requests / Steps).ConfigureAwait(false);
            last = await session.MemoryAsync().ConfigureAwait(false);
            first ??= last;
            report.Note(FormattableString.Invariant($"After {step * (requests / Steps):N0} small requests: {last}"));
        }
        if (stop.IsCancellationRequested) return wrong;
        if (last!.Live - first!.Live > GrowthMax) wrong.Add($"Memory grew over {requests} small requests: {first}, then {last}.");
        await using (var crowd = await session.SubscribeAsync(Subscribers).ConfigureAwait(false))
        {
            await session.AppendAsync(Events, bytes: 200).ConfigureAwait(false);
            await crowd.GivenAsync(Events, Deadline).ConfigureAwait(false);
            var crowded = await session.MemoryAsync().ConfigureAwait(false);
            report.Note($"With {Subscribers} subscribers, each given {Events} events: {crowded}");
            if (crowded.Live - last.Live > Subscribers * PerSubscriberMax) wrong.Add($"{Subscribers} subscribers take too much memory: {last} before, {crowded} with them.");
        }
        wrong.AddRange(session.Errors.Select(error => "The node logged an error: " + error));
        return wrong;
    }
}
