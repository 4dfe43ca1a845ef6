using System.Globalization;
using DuckDB.NET.Data;

namespace EventFeatures.Benchmarks.Limits;

/// <summary>
/// DuckDB's joins of the same spine with the same events, both in its own tables in memory and on one thread: an ASOF
/// join for last values, and one range join as wide as the widest window with a filter for each feature.
/// </summary>
internal sealed class DuckDbJoin : IDisposable
{
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");

    public DuckDbJoin(int events, IReadOnlyList<(string Card, long Microseconds)> spine)
    {
        _connection.Open();
        Execute("set threads to 1; create table events (card varchar, t bigint, amount double); create table spine (number bigint, card varchar, t bigint)");
        using (var rows = _connection.CreateAppender("events"))
        {
            for (long number = 0; number < events; number++)
                rows.CreateRow().AppendValue(BenchEvents.Card(number)).AppendValue(BenchEvents.Microseconds(number)).AppendValue(BenchEvents.Amount(number)).EndRow();
        }
        using (var rows = _connection.CreateAppender("spine"))
        {
            for (var number = 0; number < spine.Count; number++)
                rows.CreateRow().AppendValue((long)number).AppendValue(spine[number].Card).AppendValue(spine[number].Microseconds).EndRow();
        }
    }

    /// <summary>Rows a second of the ASOF join, and what it gave, in the spine's order.</summary>
    public (double PerSecond, List<double?[]> Rows) LastValues() =>
        Run("select s.number, e.amount from spine s asof left join events e on s.card = e.card and s.t >= e.t", 1);

    /// <summary>Rows a second of the range join, and its counts, sums and largest values, window after window.</summary>
    public (double PerSecond, List<double?[]> Rows) Windows(IReadOnlyList<int> hours)
    {
        var features = hours.SelectMany(window => new[] { "count(e.amount)", "sum(e.amount)", "max(e.amount)" }.Select(aggregate =>
            string.Create(CultureInfo.InvariantCulture, $"({aggregate} filter (where e.t > s.t - {window * 3_600_000_000L}))::double")));
        return Run(
            string.Create(CultureInfo.InvariantCulture, $"select s.number, {string.Join(", ", features)} from spine s left join events e on e.card = s.card and e.t <= s.t and e.t > s.t - {hours.Max() * 3_600_000_000L} group by s.number"),
            hours.Count * 3);
    }

    public void Dispose() => _connection.Dispose();

    private (double PerSecond, List<double?[]> Rows) Run(string query, int columns)
    {
        var elapsed = MedianTime.Of(() => Execute($"create or replace table joined as {query}"));
        // The order is for the comparison alone.
        using var command = _connection.CreateCommand();
        command.CommandText = "select * from joined order by number";
        using var reader = command.ExecuteReader();
        var rows = new List<double?[]>();
        while (reader.Read())
            rows.Add([.. Enumerable.Range(1, columns).Select(column => reader.IsDBNull(column) ? (double?)null : reader.GetDouble(column))]);
        return (rows.Count / elapsed.TotalSeconds, rows);
    }

    private void Execute(string statement)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }
}
