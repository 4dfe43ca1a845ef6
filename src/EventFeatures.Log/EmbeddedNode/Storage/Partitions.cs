using Npgsql;

namespace EventFeatures.Log.EmbeddedNode.Storage;

/// <summary>
/// The parts of the log, as the one writer makes them. What readers see of it may be a moment old, which harms none:
/// parts are only ever added, and a part's streams are told only once they can change no more.
/// </summary>
internal sealed class Partitions(long events)
{
    private readonly Lock _changing = new();
    private volatile Partition[] _all = [];

    /// <summary>The first position that no part takes yet.</summary>
    public long Past => _all is [.., var last] ? last.Past : 0;

    /// <summary>All parts, oldest first.</summary>
    public IReadOnlyList<Partition> All => _all;

    /// <summary>The first position after the part that holds a position, or will hold it once it is made.</summary>
    public long PastOf(long position) =>
        Past is var past && position < past ? Holding(position).Past : past + ((position - past) / events + 1) * events;

    /// <summary>The part that holds a position.</summary>
    public Partition Holding(long position) => Array.Find(_all, part => position < part.Past) ?? throw new ArgumentOutOfRangeException(nameof(position), position, "No part of the log holds it.");

    /// <summary>The oldest part whose streams are not known; the newest of all at the latest.</summary>
    public Partition FirstWithoutFilter => Array.Find(_all, part => part.Filter is null) ?? _all[^1];

    /// <summary>
    /// The one table where events of a stream can be, if it is the newest part alone; <see langword="null"/> when older
    /// parts have to be asked as well.
    /// </summary>
    public string? TableOfNew(string stream)
    {
        var all = _all;
        if (all.Length == 0) return null;
        for (var i = 0; i < all.Length - 1; i++)
            if (all[i].Filter is not { } filter || filter.MayContain(stream)) return null;
        return all[^1].Table;
    }

    /// <summary>Reads what parts there are, and what is known of their streams.</summary>
    public async Task LoadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var read = new NpgsqlCommand("SELECT first, past, filter IS NOT NULL FROM log.partitions ORDER BY first", connection);
        List<(Partition Part, bool HasFilter)> found = [];
        await using (var rows = await read.ExecuteReaderAsync(cancellation))
            while (await rows.ReadAsync(cancellation)) found.Add((new Partition(rows.GetInt64(0), rows.GetInt64(1)), rows.GetBoolean(2)));
        var known = _all;
        var loaded = new Partition[found.Count];
        for (var i = 0; i < loaded.Length; i++)
        {
            var (part, hasFilter) = found[i];
            var filter = Array.Find(known, each => each.First == part.First)?.Filter;
            loaded[i] = part with { Filter = filter ?? (hasFilter ? await FilterOfAsync(connection, part, cancellation) : null) };
        }
        lock (_changing) _all = loaded;
    }

    /// <summary>Makes parts until one holds the position.</summary>
    public async Task ReachAsync(NpgsqlConnection connection, long position, CancellationToken cancellation)
    {
        while (position >= Past)
        {
            var next = new Partition(Past, Past + events);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await next.AddAsync(connection, cancellation);
            await transaction.CommitAsync(cancellation);
            lock (_changing) _all = [.. _all, next];
        }
    }

    /// <summary>Tells which streams a part has, which can change no more.</summary>
    public void Seal(Partition part, StreamFilter filter)
    {
        lock (_changing) _all = [.. _all.Select(each => each.First == part.First ? each with { Filter = filter } : each)];
    }

    private static async Task<StreamFilter> FilterOfAsync(NpgsqlConnection connection, Partition part, CancellationToken cancellation)
    {
        await using var read = new NpgsqlCommand("SELECT filter FROM log.partitions WHERE first = $1", connection) { Parameters = { new NpgsqlParameter<long> { TypedValue = part.First } } };
        return StreamFilter.FromBytes((byte[])(await read.ExecuteScalarAsync(cancellation))!);
    }
}
