using EventFeatures.Api.V1;
using EventFeatures.Core.Events;
using EventFeatures.Log.Client;
using EventFeatures.Log.EmbeddedNode;
using EventFeatures.Testing.Databases;
using EventFeatures.Testing.Systems;
using Grpc.Core;

namespace EventFeatures.IntegrationTests.Api;

/// <summary>Systems whose log is copied from one to the next; each next one has events of its own before, so that all positions differ.</summary>
internal sealed class Moves : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _parts = [];

    /// <summary>The first system, of which nothing was copied.</summary>
    public async Task<RunningSystem> StartAsync()
    {
        var first = await RunningSystem.StartAsync();
        _parts.Add(first);
        return first;
    }

    /// <summary>A new system with the models of another one, on a copy of that one's log.</summary>
    public async Task<RunningSystem> MoveAsync(RunningSystem from)
    {
        var database = await TestDatabase.CreateAsync();
        _parts.Add(database);
        var node = await EmbeddedNode.StartAsync(new EmbeddedNodeOptions { Postgres = database.ConnectionString });
        _parts.Add(node);
        await using (var log = EventStoreLog.Connect(node.ConnectionString))
            await log.AppendToStreamAsync(FormattableString.Invariant($"theirs-{_parts.Count}"), StreamState.NoStream, [.. Enumerable.Range(0, 61).Select(_ => new EventData(Guid.NewGuid(), "Tested", "{}"u8.ToArray()))]);
        using (var call = from.Maintenance.CopyLog(new CopyLogRequest { To = node.ConnectionString, Actor = "ops", Reason = "moving" }))
            await foreach (var _ in call.ResponseStream.ReadAllAsync()) { }
        var moved = await RunningSystem.StartAsync(options =>
        {
            CopyModels(from.Host.HomeFolder, options.Home);
            return options with { Log = node.ConnectionString };
        });
        _parts.Add(moved);
        return moved;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts)) await part.DisposeAsync();
    }

    private static void CopyModels(string from, string to)
    {
        var models = Path.Combine(from, "models");
        if (!Directory.Exists(models)) return;
        foreach (var file in Directory.EnumerateFiles(models, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
