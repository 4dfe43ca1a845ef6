using System.Globalization;
using EventFeatures.Api.V1;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Server;
using EventFeatures.Testing.Specs;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EventFeatures.Testing.Faults.Workers;

/// <summary>
/// Workers in processes of their own project the same views of one log while it grows, and are killed at random moments.
/// Afterwards one that nobody disturbs projects the same log into another database, and must come to the same.
/// </summary>
/// <param name="plan">What there is to do.</param>
/// <param name="logDatabase">An empty database for the log.</param>
/// <param name="sharedDatabase">An empty database for the workers.</param>
/// <param name="aloneDatabase">An empty database for the one that is not disturbed.</param>
/// <param name="note">Told what happens.</param>
public sealed class WorkerSession(WorkerPlan plan, string logDatabase, string sharedDatabase, string aloneDatabase, Action<string> note) : IAsyncDisposable
{
    private const int AppendsMax = 64;

    // A lease lives 5 s and is looked at each second; the rest is for a machine with other things to do.
    private static readonly TimeSpan TakeoverMax = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ProgressDeadline = TimeSpan.FromMinutes(2);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "eventfeatures-workers-" + Guid.NewGuid().ToString("n"));
    private readonly NpgsqlDataSource _shared = NpgsqlDataSource.Create(sharedDatabase + ";Maximum Pool Size=4");
    private readonly List<WorkerProcess> _workers = [];
    private long _appended;
    private int _homes;

    /// <summary>How often workers were killed.</summary>
    public int Kills { get; private set; }

    /// <summary>The longest time until a killed worker's partitions had another owner.</summary>
    public TimeSpan TakeoverLongest { get; private set; }

    /// <summary>Runs all of it.</summary>
    /// <returns>What is not as it should be, in words.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellation)
    {
        await using var node = await EmbeddedNode.StartAsync(new EmbeddedNodeOptions { Postgres = logDatabase }, cancellation);
        for (var i = 0; i < plan.Workers; i++) await StartAsync(node, NewHome());
        await DeclareAsync(_workers[0].Api);
        await using var log = EventStoreLog.Connect(node.ConnectionString);
        var append = AppendAsync(log, cancellation);
        await KillAsync(node, append, cancellation);
        var last = await append;
        note($"{plan.Events:N0} events appended, {Kills} kills; the longest takeover took {TakeoverLongest.TotalSeconds:0.0} s");
        await CaughtUpAsync(last, cancellation);
        foreach (var worker in _workers) await worker.StopAsync();
        var shared = await ProjectedAsync(node, sharedDatabase, last, cancellation);
        note("The workers' digests are taken; one alone projects the log again");
        var alone = await ProjectedAsync(node, aloneDatabase, last, cancellation);
        foreach (var (view, found) in shared) note($"{view}: {found.Count} {found.Digest}");
        return [.. shared.Keys.Where(view => shared[view] != alone[view]).Select(view => $"{view} is {shared[view]}, and projected alone {alone[view]}.")];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers) await worker.DisposeAsync();
        await _shared.DisposeAsync();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private async Task KillAsync(EmbeddedNode node, Task append, CancellationToken cancellation)
    {
        var random = new Random(plan.Seed);
        for (var kill = 0; kill < plan.Kills && !IsCut(append); kill++)
        {
            var target = (long)((kill + random.NextDouble()) * plan.Events / (plan.Kills + 1));
            await Eventually.TrueAsync(() => Task.FromResult(Interlocked.Read(ref _appended) >= target || IsCut(append)), ProgressDeadline, () => $"{_appended} of {target} appended.");
            cancellation.ThrowIfCancellationRequested();
            var victim = _workers[random.Next(_workers.Count)];
            var (home, name) = (victim.Home, victim.Name);
            await victim.KillAsync();
            var killed = TimeProvider.System.GetTimestamp();
            await victim.DisposeAsync();
            _workers.Remove(victim);
            Kills++;
            var returns = plan.Workers == 1 || random.Next(3) == 0;
            if (!returns)
            {
                await Eventually.TrueAsync(async () => await OwnedByAsync(name, cancellation) == 0, TakeoverMax, () => $"Partitions of {name} have no other owner.");
                var took = TimeProvider.System.GetElapsedTime(killed);
                if (took > TakeoverLongest) TakeoverLongest = took;
                note($"Killed after {target:N0} events; the others took over within {took.TotalSeconds:0.0} s");
            }
            // As the same worker again, or as a new one that takes its share of what the others have.
            await StartAsync(node, returns ? home : NewHome());
        }
    }

    // It failed, or whoever runs the session had enough.
    private static bool IsCut(Task append) => append.IsFaulted || append.IsCanceled;

    private async Task<Position> AppendAsync(EventStoreLog log, CancellationToken cancellation)
    {
        var last = Position.Start;
        var gate = new Lock();
        await Parallel.ForEachAsync(plan.Traffic(), new ParallelOptions { MaxDegreeOfParallelism = AppendsMax, CancellationToken = cancellation }, async (next, token) =>
        {
            var result = await log.AppendToStreamAsync(next.Stream, StreamState.Any, [next.Event], token);
            lock (gate)
                if (result.Position > last) last = result.Position;
            Interlocked.Increment(ref _appended);
        });
        return last;
    }

    // The log's last event is of the views' own category, so all their partitions pass it.
    private Task CaughtUpAsync(Position last, CancellationToken cancellation)
    {
        var deadline = ProgressDeadline + TimeSpan.FromMilliseconds(plan.Events);
        return Eventually.TrueAsync(
            async () => await ScalarAsync("select coalesce(min(coalesce(position, -1)), -1) from views.view_partition", cancellation) is long position && position >= (long)last.Value,
            deadline, () => $"The workers did not reach position {last}.");
    }

    private async Task<long> OwnedByAsync(string worker, CancellationToken cancellation) => (long)(await ScalarAsync(
        $"select count(*) from views.view_partition p join views.worker w on w.incarnation = p.owner where w.name = '{worker}'", cancellation))!;

    private async Task<object?> ScalarAsync(string sql, CancellationToken cancellation)
    {
        await using var command = _shared.CreateCommand(sql);
        return await command.ExecuteScalarAsync(cancellation);
    }

    private async Task<Dictionary<ViewReference, (string Digest, string Count)>> ProjectedAsync(EmbeddedNode node, string database, Position last, CancellationToken cancellation)
    {
        await using var host = await EventFeaturesHost.StartAsync(new HostOptions { Home = NewHome(), Postgres = database, Log = node.ConnectionString }, cancellation);
        var (online, batch) = (host.Services.GetRequiredService<IOnlineViews>(), host.Services.GetRequiredService<IBatchViews>());
        await batch.CaughtUpAsync(last, ProgressDeadline + TimeSpan.FromMilliseconds(plan.Events), cancellation);
        var projected = new Dictionary<ViewReference, (string, string)>();
        foreach (var name in WorkerPlan.Views)
        {
            var view = new ViewReference(name, 1);
            // Also what the workers before it left a moment ago.
            await Eventually.TrueAsync(
                () => Task.FromResult(online.StatusOf(view) is { } owned && owned.PartitionsHere == owned.Partitions && owned.Partitions > 0), TakeoverMax, () => $"{online.StatusOf(view)}");
            var digest = await batch.DigestAsync(view, cancellation);
            var status = online.StatusOf(view)!;
            projected[view] = (digest, string.Create(CultureInfo.InvariantCulture, $"{status.Entities} entities, {status.Events} events, {status.Quarantined} quarantined"));
        }
        return projected;
    }

    private async Task StartAsync(EmbeddedNode node, string home) => _workers.Add(await WorkerProcess.StartAsync(home, sharedDatabase, node.ConnectionString));

    private string NewHome() => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"home-{_homes++}"));

    private static async Task DeclareAsync(string api)
    {
        using var channel = GrpcChannel.ForAddress(api);
        await new Registry.RegistryClient(channel).ApplyAsync(new ApplyRequest
        {
            Files = { new DefinitionFile { Path = "shared.yaml", Content = WorkerPlan.Definitions } }, Reason = "fault test", Actor = "tests",
        });
    }
}
