using EventFeatures.Log.EmbeddedNode.Storage;
using Npgsql;
using NpgsqlTypes;

namespace EventFeatures.Log.EmbeddedNode.Scavenging;

/// <summary>
/// Writes one part of the log again without the data of hidden events, beside the part, and then puts the new table in
/// its place. Events never change, so nothing has to be watched meanwhile: what is appended is copied as well, and only
/// the exchange itself makes others wait, for a moment.
/// </summary>
internal sealed class PartRewrite(NpgsqlConnection connection, Partition part, HiddenEvents hidden, long decidedAt, TimeProvider time)
{
    /// <summary>What names of tables start with that no scavenge has finished.</summary>
    public const string NamePrefix = "scavenged_";

    private const int EventsPerStep = 20_000;

    // Appends may outrun the copy; past this many passes the exchange is not tried.
    private const int PassesMax = 50;
    private const int ExchangesMax = 30;
    private static readonly TimeSpan LockPause = TimeSpan.FromSeconds(1);

    private readonly string _name = FormattableString.Invariant($"{NamePrefix}{part.First}");
    private long _copied = part.First - 1;

    private string Table => "log." + _name;

    private string Names => string.Join(' ', new[] { "position", "stream_revision", "closed" }.Select(each => $"ALTER INDEX log.{_name}_{each} RENAME TO {part.Name}_{each};"));

    /// <summary>Gives the copy the data of some streams' events back.</summary>
    public string Keep =>
        $"""
        UPDATE {Table} kept SET data = e.data, metadata = e.metadata
        FROM unnest($1::text[]) AS changed(stream) {Runs.JoinEvents(part.Table, "changed.stream")}
        WHERE kept.position = e.position AND kept.data IS NULL AND e.data IS NOT NULL
        """;

    /// <summary>Writes the part again.</summary>
    /// <returns>Why it was left as it is, or <see langword="null"/> when it was rewritten.</returns>
    public async Task<string?> RunAsync(Action<long> copied, CancellationToken cancellation)
    {
        // Attaching it then needs no look at every row.
        await RunAsync(
            LogSchema.Table(Table) + FormattableString.Invariant($"ALTER TABLE {Table} ADD CONSTRAINT bounds CHECK (position >= {part.First} AND position < {part.Past})"), cancellation);
        if (!await CatchUpAsync(copied, cancellation)) return Left("more was appended to it than could be copied; run this again when less is appended");
        await RunAsync(LogSchema.Indexes(Table, _name), cancellation);
        await RunAsync($"VACUUM (FREEZE, ANALYZE) {Table}", cancellation);
        if (!await CatchUpAsync(copied, cancellation)) return Left("more was appended to it than could be copied; run this again when less is appended");
        await CompareAsync(part.First - 1, cancellation);
        var compared = _copied;
        // First without holding anybody up, and then for what came during that.
        var watched = await KeepWhatChangedAsync(decidedAt, cancellation);
        for (var attempt = 1; attempt <= ExchangesMax; attempt++)
        {
            if (await TryExchangeAsync(watched, compared, cancellation)) return null;
            await Task.Delay(LockPause, time, cancellation);
            if (!await CatchUpAsync(copied, cancellation)) break;
        }
        return Left("something read the log all the while, perhaps a backup; run this again when it has ended");
    }

    public Task DropAsync() => RunAsync($"DROP TABLE IF EXISTS {Table}", CancellationToken.None);

    private string Left(string why) => FormattableString.Invariant($"Positions {part.First} to {part.Past - 1}: {why}.");

    // Up to the end of the part, or so near to the log's end that the rest can be copied while everybody waits.
    private async Task<bool> CatchUpAsync(Action<long> copied, CancellationToken cancellation)
    {
        for (var pass = 0; pass < PassesMax; pass++)
        {
            var end = await LastAsync(cancellation);
            if (end - _copied <= EventsPerStep && pass > 0) return true;
            while (_copied < end)
            {
                var through = Math.Min(end, _copied + EventsPerStep);
                await CopyAsync(through, cancellation);
                copied(through - part.First + 1);
            }
            if (end == part.Past - 1) return true;
        }
        return false;
    }

    private async Task CopyAsync(long through, CancellationToken cancellation)
    {
        await RunAsync(FormattableString.Invariant(
            $"""
            INSERT INTO {Table} (position, revision, created, run, event_id, is_json, stream, type, data, metadata)
            SELECT e.position, e.revision, e.created, e.run, e.event_id, e.is_json, e.stream, e.type,
                CASE WHEN {hidden.Condition} THEN NULL ELSE e.data END, CASE WHEN {hidden.Condition} THEN NULL ELSE e.metadata END
            FROM {part.Table} e {HiddenEvents.Join}
            WHERE e.position > {_copied} AND e.position <= {through} ORDER BY e.position
            """), cancellation);
        _copied = through;
    }

    // Whatever goes wrong, no part is exchanged for one that lacks an event.
    private async Task CompareAsync(long after, CancellationToken cancellation)
    {
        await using var compare = new NpgsqlCommand(FormattableString.Invariant(
            $"SELECT (SELECT count(*) FROM {part.Table} WHERE position > {after} AND position <= {_copied}), (SELECT count(*) FROM {Table} WHERE position > {after})"), connection);
        await using var row = await compare.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        if (row.GetInt64(0) != row.GetInt64(1))
            throw new InvalidOperationException(FormattableString.Invariant($"The copy of {part.Table} has {row.GetInt64(1)} events, and the part has {row.GetInt64(0)}; the part stays as it is."));
    }

    // Metadata that was set since the decision may show again what it hid, so those streams keep everything this time.
    private async Task<long> KeepWhatChangedAsync(long after, CancellationToken cancellation)
    {
        var through = await ScalarAsync("SELECT coalesce(max(position), 0) FROM log.events", cancellation);
        await using var changed = new NpgsqlCommand(FormattableString.Invariant(
            $"""
            SELECT array_agg(DISTINCT substr(stream, 3)) FROM log.events
            WHERE position > {after} AND position <= {through} AND stream || '' >= '$$' AND stream || '' < '$%'
            """), connection);
        if (await changed.ExecuteScalarAsync(cancellation) is not string[] streams) return through;
        await using var keep = new NpgsqlCommand(Keep, connection);
        keep.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = streams, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await keep.ExecuteNonQueryAsync(cancellation);
        return through;
    }

    private async Task<bool> TryExchangeAsync(long watched, long compared, CancellationToken cancellation)
    {
        var (copied, exchanged) = (_copied, false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        try
        {
            // Nobody waits longer for these locks than this waits for others' locks, of both tables together. The other parts
            // are none of its concern: a vacuum gives way after a second, only to hold up the lock of the part that it goes on to.
            await RunAsync("SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '2s'; SET LOCAL synchronous_commit = on", cancellation);
            await RunAsync($"LOCK TABLE ONLY log.events, ONLY {part.Table} IN ACCESS EXCLUSIVE MODE", cancellation);
            await RunAsync("SET LOCAL statement_timeout = 0", cancellation);
            if (await LastAsync(cancellation) is var end && end - _copied > EventsPerStep) return false;
            await CopyAsync(end, cancellation);
            await CompareAsync(compared, cancellation);
            await KeepWhatChangedAsync(watched, cancellation);
            await RunAsync(FormattableString.Invariant(
                $"""
                ALTER TABLE log.events DETACH PARTITION {part.Table};
                DROP TABLE {part.Table};
                ALTER TABLE {Table} RENAME TO {part.Name};
                {Names}
                {part.Attach()}
                ALTER TABLE {part.Table} DROP CONSTRAINT bounds;
                """), cancellation);
            await transaction.CommitAsync(cancellation);
            return exchanged = true;
        }
        catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.QueryCanceled)
        {
            return false;
        }
        finally
        {
            // What was copied in here is rolled back with the rest.
            if (!exchanged) _copied = copied;
        }
    }

    private async Task<long> LastAsync(CancellationToken cancellation) => await ScalarAsync(FormattableString.Invariant($"SELECT coalesce(max(position), {part.First - 1}) FROM {part.Table}"), cancellation);

    private async Task<long> ScalarAsync(string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private async Task RunAsync(string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
