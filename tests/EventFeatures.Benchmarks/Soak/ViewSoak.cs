using System.Globalization;
using EventFeatures.Testing.Faults.Rig;
using EventFeatures.Testing.Faults.Workers;

namespace EventFeatures.Benchmarks.Soak;

/// <summary>Workers that are killed while they share the views of one log, once, at the size that is asked for.</summary>
internal static class ViewSoak
{
    private const int EventsMin = 1_000;
    private const int EventsMax = 100_000_000;
    private const int WorkersMax = 16;
    private const int KillsMax = 1_000;

    /// <summary>Reads the arguments after <c>soak</c>; <see langword="null"/> when they are not as the usage says.</summary>
    public static WorkerPlan? TryParse(ReadOnlySpan<string> arguments)
    {
        if (arguments is not ["views", ..]) return null;
        var plan = new WorkerPlan(Environment.TickCount & 0xFFFFFF, 1_000_000, 100_000, Workers: 2, Kills: 10);
        for (var rest = arguments[1..]; rest.Length > 0; rest = rest[2..])
        {
            if (rest.Length < 2 || !int.TryParse(rest[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
            switch (rest[0])
            {
                case "--events" when number is >= EventsMin and <= EventsMax: plan = plan with { Events = number }; break;
                case "--entities" when number is >= 1 and <= EventsMax: plan = plan with { Entities = number }; break;
                case "--workers" when number is >= 1 and <= WorkersMax: plan = plan with { Workers = number }; break;
                case "--kills" when number <= KillsMax: plan = plan with { Kills = number }; break;
                case "--seed": plan = plan with { Seed = number }; break;
                default: return null;
            }
        }
        return plan;
    }

    /// <returns>Whether the workers came to what one alone does.</returns>
    public static async Task<bool> RunAsync(WorkerPlan plan, TextWriter output, TextWriter progress, CancellationToken interrupted)
    {
        progress.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{plan.Workers} workers over {plan.Events:N0} events of {plan.Entities:N0} entities, {plan.Kills} kills; repeat with --seed {plan.Seed}."));
        var begun = TimeProvider.System.GetTimestamp();
        var home = Path.Combine(Path.GetTempPath(), "eventfeatures-soak-" + Environment.ProcessId);
        await using var cluster = await KillableCluster.StartAsync(home, sharedBuffersMegabytes: 256).ConfigureAwait(false);
        await using var session = new WorkerSession(
            plan, await cluster.CreateDatabaseAsync("log").ConfigureAwait(false), await cluster.CreateDatabaseAsync("shared").ConfigureAwait(false),
            await cluster.CreateDatabaseAsync("alone").ConfigureAwait(false), progress.WriteLine);
        try
        {
            var wrong = await session.RunAsync(interrupted).ConfigureAwait(false);
            foreach (var each in wrong) output.WriteLine(each);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{TimeProvider.System.GetElapsedTime(begun).TotalMinutes:0.0} min: {session.Kills} kills, longest takeover {session.TakeoverLongest.TotalSeconds:0.0} s, digests {(wrong.Count == 0 ? "equal" : $"DIFFER; repeat with --seed {plan.Seed}")}"));
            return wrong.Count == 0;
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            output.WriteLine($"Interrupted after {session.Kills} kills; nothing was compared.");
            return true;
        }
    }
}
