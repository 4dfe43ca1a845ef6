using EventFeatures.Log.EmbeddedNode.Reading;
using EventFeatures.Log.EmbeddedNode.Serving;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;

/// <summary>
/// All groups of a node. Their definitions are events of one stream, folded when the node starts; a group runs
/// from when it is first asked for.
/// </summary>
internal sealed class Groups(NodeServices node)
{
    private const string Created = "$PersistentSubscriptionCreated";
    private const string Updated = "$PersistentSubscriptionUpdated";
    private const string Deleted = "$PersistentSubscriptionDeleted";

    private readonly ILogger _logger = node.Options.LoggerFactory.CreateLogger<Groups>();
    private readonly SystemAppends _appends = new(node);
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Dictionary<GroupKey, Entry> _entries = [];

    // An append whose outcome nobody learnt may have changed the definitions.
    private bool _isLoaded;
    private volatile RpcException? _stopped;

    /// <summary>Adds a group; a start at the end means the end as it is now.</summary>
    public Task CreateAsync(GroupDefinition asked, CancellationToken cancellation) => WithEndAsync(asked, async () =>
    {
        // Streams are named by the id, which two keys can have in common: 'a::b' with 'c', and 'a' with 'b::c'.
        if (_entries.Keys.FirstOrDefault(key => string.Equals(key.SubscriptionId, asked.Key.SubscriptionId, StringComparison.Ordinal)) is { } existing)
            throw GroupRefusals.Exists(asked.Key, existing);
        var definition = asked with { StartAfter = await StartAfterAsync(asked, cancellation), ParkedFrom = await EndAsync(asked.Key.ParkedStream, cancellation) };
        await DefineAsync(Created, definition);
        _entries.Add(definition.Key, new Entry(definition));
    }, cancellation);

    /// <summary>Changes a group. Its consumers are dropped; its progress stays.</summary>
    public Task UpdateAsync(GroupDefinition asked, CancellationToken cancellation) => WithEndAsync(asked, async () =>
    {
        if (!_entries.TryGetValue(asked.Key, out var entry)) throw GroupRefusals.DoesNotExist(asked.Key);
        var old = entry.Definition;
        var definition = asked with
        {
            Id = old.Id, ParkedFrom = old.ParkedFrom, Filter = old.Filter, StartAfter = await StartAfterAsync(asked, cancellation),
        };
        await DefineAsync(Updated, definition);
        _entries[definition.Key] = new Entry(definition);
        await StopAsync(entry, GroupRefusals.Dropped(old.Key, "It was updated. Subscribe again."), CancellationToken.None);
    }, cancellation);

    /// <summary>Removes a group, its progress and its parked messages.</summary>
    public Task DeleteAsync(GroupKey key, CancellationToken cancellation) => WithEntriesAsync(async () =>
    {
        if (!_entries.TryGetValue(key, out var entry)) throw GroupRefusals.DoesNotExist(key);
        await DefineAsync(Deleted, entry.Definition);
        _entries.Remove(key);
        await StopAsync(entry, GroupRefusals.Dropped(key, "It was deleted."), CancellationToken.None);
        var parked = new ParkedMessages(entry.Definition, node);
        if (await parked.ExtentAsync(cancellation) is var (first, end) && end > first) await parked.CutAsync(end, cancellation);
    }, cancellation);

    /// <summary>A group, running.</summary>
    public async Task<GroupRunner> FindAsync(GroupKey key, CancellationToken cancellation) =>
        await FindIfThereAsync(key, cancellation) ?? throw GroupRefusals.DoesNotExist(key);

    /// <summary>A group, running; null when there is none.</summary>
    public async Task<GroupRunner?> FindIfThereAsync(GroupKey key, CancellationToken cancellation)
    {
        GroupRunner? found = null;
        await WithEntriesAsync(async () =>
        {
            if (_entries.TryGetValue(key, out var entry))
                found = entry.Runner ??= await GroupRunner.StartAsync(node, entry.Definition, _logger, cancellation);
        }, cancellation);
        return found;
    }

    /// <summary>The names of all groups, or of those of one source, in order.</summary>
    public async Task<IReadOnlyList<GroupKey>> ListAsync(string? source, CancellationToken cancellation)
    {
        List<GroupKey> keys = [];
        await WithEntriesAsync(() =>
        {
            keys.AddRange(_entries.Keys.Where(key => source is null || string.Equals(key.Source, source, StringComparison.Ordinal)));
            return Task.CompletedTask;
        }, cancellation);
        return [.. keys.OrderBy(key => key.SubscriptionId, StringComparer.Ordinal)];
    }

    /// <summary>The last place of what a group subscribes to; -1 when that has no event.</summary>
    public async Task<long> LastPlaceAsync(GroupKey key, CancellationToken cancellation) =>
        !key.IsWholeLog ? await EndAsync(key.Source, cancellation) - 1
        : node.Tail.Head > 0 ? node.Tail.Head
        : -1;

    /// <summary>Drops all consumers and reads the definitions anew.</summary>
    public async Task RestartAsync(CancellationToken cancellation)
    {
        await WithEntriesAsync(() => StopAllAsync(key => GroupRefusals.Dropped(key, "The persistent subscriptions were restarted. Subscribe again."), cancellation), cancellation);
        _isLoaded = false;
    }

    /// <summary>Stores every group's progress, while there is time, and serves no more.</summary>
    public async Task StopAsync(TimeSpan deadline)
    {
        _stopped = Refusals.Unavailable("The node is shutting down.");
        using var late = new CancellationTokenSource(deadline, node.Options.Time);
        // A change that is under way gets the same time; without storage it would not end.
        var entered = await _one.WaitAsync(deadline);
        try
        {
            await StopAllAsync(_ => _stopped, late.Token);
        }
        finally
        {
            if (entered) _one.Release();
        }
    }

    // The end of a link stream that nobody has read yet takes long to find. Looked for here, it is near when a change asks for it,
    // during which all groups wait.
    private async Task WithEndAsync(GroupDefinition asked, Func<Task> change, CancellationToken cancellation)
    {
        await StartAfterAsync(asked, cancellation);
        await WithEntriesAsync(change, cancellation);
    }

    // Changes are rare and starts are short, so one at a time is enough.
    private async Task WithEntriesAsync(Func<Task> action, CancellationToken cancellation)
    {
        // Without storage a change takes long; whoever comes meanwhile is told rather than kept.
        if (!await _one.WaitAsync(node.Options.AppendDeadline, cancellation))
            throw Refusals.Unavailable("A change of the persistent subscriptions is under way and waits for storage. Retry later.");
        try
        {
            if (_stopped is not null) throw _stopped;
            if (!_isLoaded) await LoadAsync(cancellation);
            await action();
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        var definitions = await ReadDefinitionsAsync(cancellation);
        foreach (var (key, entry) in _entries.ToList())
        {
            if (definitions.GetValueOrDefault(key) is { } same && same.ToJson().Span.SequenceEqual(entry.Definition.ToJson().Span)) continue;
            await StopAsync(entry, GroupRefusals.Dropped(key, "Its definition changed. Subscribe again."), cancellation);
            _entries.Remove(key);
        }
        foreach (var (key, definition) in definitions) _entries.TryAdd(key, new Entry(definition));
        _isLoaded = true;
    }

    private async Task<Dictionary<GroupKey, GroupDefinition>> ReadDefinitionsAsync(CancellationToken cancellation)
    {
        Dictionary<GroupKey, GroupDefinition> definitions = [];
        var next = 0L;
        for (var isLast = false; !isLast;)
        {
            var page = await node.Pages.StreamForwardsAsync(GroupKey.DefinitionsStream, next, EventPage.RowsFirst, cancellation);
            foreach (var stored in page.Events)
            {
                var definition = GroupDefinition.FromJson(stored.Data.Span);
                if (string.Equals(stored.Type, Deleted, StringComparison.Ordinal)) definitions.Remove(definition.Key);
                else definitions[definition.Key] = definition;
                next = stored.Revision + 1;
            }
            isLast = page.IsLast;
        }
        return definitions;
    }

    private async Task DefineAsync(string type, GroupDefinition definition)
    {
        // Should the append fail with its outcome unknown, the definitions are read again before they are used.
        // A caller who goes away does not stop it half-way.
        _isLoaded = false;
        await _appends.AppendAsync(GroupKey.DefinitionsStream, new SystemEvent(type, Guid.NewGuid(), definition.ToJson(), default), CancellationToken.None);
        _isLoaded = true;
    }

    private async Task<long> StartAfterAsync(GroupDefinition asked, CancellationToken cancellation) =>
        asked.StartFrom >= 0 ? asked.StartFrom - 1
        : asked.Key.IsWholeLog ? node.Tail.Head
        : await EndAsync(asked.Source, cancellation) - 1;

    private async Task<long> EndAsync(string stream, CancellationToken cancellation)
    {
        var extent = await node.Extents.OfAsync(stream, cancellation);
        return extent.IsClosed ? 0 : extent.Last + 1;
    }

    private Task StopAllAsync(Func<GroupKey, RpcException> reason, CancellationToken late) =>
        Task.WhenAll(_entries.Values.ToList().Select(entry => StopAsync(entry, reason(entry.Definition.Key), late)));

    private static async Task StopAsync(Entry entry, RpcException reason, CancellationToken late)
    {
        if (entry.Runner is not { } runner) return;
        entry.Runner = null;
        await runner.StopAsync(reason, late);
    }

    private sealed class Entry(GroupDefinition definition)
    {
        public GroupDefinition Definition { get; } = definition;

        /// <summary>Null until the group is first asked for.</summary>
        public GroupRunner? Runner { get; set; }
    }
}
