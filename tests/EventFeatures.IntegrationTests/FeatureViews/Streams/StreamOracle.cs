using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using DuckDB.NET.Data;

namespace EventFeatures.IntegrationTests.FeatureViews.Streams;

/// <summary>
/// The features of a view at the time of every row of its stream, by DuckDB: window by window it picks events by SQL alone,
/// and aggregates them. What a training set holds of the same is compared in the database, or with exact sums of it.
/// </summary>
internal sealed partial class StreamOracle : IDisposable
{
    private const double NearMax = 1e-12;

    private readonly DuckDBConnection _database = new("DataSource=:memory:");
    private readonly StreamView _view;

    public StreamOracle(StreamView view)
    {
        _view = view;
        _database.Open();
        Run("set preserve_insertion_order = false");
        Run("""
            create table raw (id bigint, entity varchar, ts bigint, number double, number_parts hugeint, exact decimal(18, 6), units bigint, whole bigint, word varchar,
              flag boolean, maybe double, maybe_parts hugeint, lefty bigint, righty bigint)
            """);
        using (var appender = _database.CreateAppender("raw"))
            foreach (var row in view.File.Rows)
                appender.CreateRow().AppendValue((long)row.Index).AppendValue(view.KeyOf(row)).AppendValue(row.At.Microseconds).AppendValue(row.Number).AppendValue(Parts(row.Number))
                    .AppendValue(row.Exact).AppendValue((long)(row.Exact * 1_000_000)).AppendValue(row.Whole).AppendValue(row.Word).AppendValue(row.Flag).AppendValue(row.Maybe)
                    .AppendValue(row.Maybe is { } maybe ? Parts(maybe) : null).AppendValue(row.Left).AppendValue(row.Right).EndRow();
        Run($"create table e as select *, row_number() over (partition by entity order by ts, id) as n from raw{(view.IsOfHigh ? " where flag" : "")}");
        Run("create table m as select entity, ts, min(n) as first_n, max(n) as last_n from e group by entity, ts");
        Run($"""
            create table s as with up_to as ({Counted(">=")}), ahead as ({Counted(">")})
            select up_to.id, up_to.entity, up_to.t, up_to.n as until_n, ahead.n as before_n from up_to join ahead using (id)
            """);
    }

    public void Dispose() => _database.Dispose();

    /// <summary>What differs, feature by feature; empty when nothing does.</summary>
    /// <param name="trainingSet">A Parquet file with a row for each row of the stream, its index as <c>id</c>.</param>
    public IReadOnlyList<string> Differences(string trainingSet)
    {
        Run($"create or replace view g as select * from read_parquet('{trainingSet}')");
        var differences = new List<string>();
        if (Scalar("select count(*) from g join s using (id)") is var joined && joined != _view.File.Rows.Count)
            differences.Add($"{_view.Name}: {joined} rows of {_view.File.Rows.Count} are there.");
        foreach (var window in _view.Features.GroupBy(feature => feature.Window)) differences.AddRange(Differences(window.Key, [.. window]));
        return differences;
    }

    private IEnumerable<string> Differences(StreamWindow window, IReadOnlyList<StreamFeature> features)
    {
        Pick(window, features);
        var asked = features.SelectMany((feature, index) => feature.Aggregate.Sql.Select((sql, part) => (feature.Aggregate.IsOfGroups, Text: $"{sql.Replace("{seconds}", Invariant(window.Seconds ?? 0) + "::bigint", StringComparison.Ordinal)} as x{index}_{part}"))).ToList();
        Run($"create or replace temp table plain as select s.id, s.t, {string.Join(", ", asked.Where(one => !one.IsOfGroups).Select(one => one.Text))} from s left join p using (id) group by s.id, s.t");
        var isOfGroups = asked.Exists(one => one.IsOfGroups);
        if (isOfGroups)
            Run($"""
                create or replace temp table grouped as
                with q as (select id, word, count(*) as events, sum(whole) as total, min(n) as first_n, max(n) as last_n from p group by id, word)
                select s.id, {string.Join(", ", asked.Where(one => one.IsOfGroups).Select(one => one.Text))} from s left join q using (id) group by s.id
                """);
        Run($"create or replace temp view a as select * from plain{(isOfGroups ? " join grouped using (id)" : "")}");
        foreach (var (index, feature) in features.Index())
        {
            var found = feature.Aggregate.Comparison switch
            {
                Comparison.Equal => Unequal($"g.\"{feature.Name}\"", $"a.x{index}_0"),
                Comparison.EqualNumbers => Unequal($"g.\"{feature.Name}\"::double[]", $"a.x{index}_0"),
                Comparison.Near => Far($"g.\"{feature.Name}\"", $"a.x{index}_0"),
                Comparison.Quotient => Unrounded(feature, index, sums => sums[1].IsZero ? null : ExactRounding.Quotient(sums[0], sums[1])),
                Comparison.Powers => Unrounded(feature, index, sums => sums[0].IsZero ? null : feature.Aggregate.OfPowers!(sums)),
                _ => null,
            };
            if (found is not null) yield return $"{_view.Name}.{feature.Name}: {found}";
        }
    }

    private void Pick(StreamWindow window, IReadOnlyList<StreamFeature> features)
    {
        // Only what is asked for: some windows pick millions.
        var isOfGroups = features.Any(feature => feature.Aggregate.IsOfGroups);
        var columns = features.SelectMany(feature => feature.Aggregate.Sql).SelectMany(sql => Column().Matches(sql)).Select(match => match.Groups[1].Value)
            .Concat(isOfGroups ? ["word", "whole"] : []).Append("n").Distinct();
        Run($"""
            create or replace temp table p as
            with picked as (select id, entity, unnest(range(greatest(from_n, 1), to_n + 1)) as n from ({window.Picks}))
            select s.id, {string.Join(", ", columns.Select(Picked))} from picked join s on s.id = picked.id join e on e.entity = picked.entity and e.n = picked.n where {window.Keep}
            """);
    }

    private static string Picked(string column) => column switch
    {
        "peak" => "max(e.whole) over (partition by s.id order by e.n) as peak",
        "weight" => "pow(2, 63 - (s.t - e.ts) // 1800000000)::hugeint as weight",
        "ago" => "(e.ts - s.t) // 1000000 as ago",
        _ => $"e.{column}",
    };

    private string? Unequal(string ours, string theirs) => First($"{ours} is distinct from (case when s.until_n > 0 then {theirs} end)", ours, theirs);

    private string? Far(string ours, string theirs) => First(
        $"({ours} is null) <> (s.until_n = 0 or {theirs} is null) or abs({ours} - {theirs}) > {NearMax.ToString("R", CultureInfo.InvariantCulture)} * greatest(abs({theirs}), 1)", ours, theirs);

    private string? First(string differs, string ours, string theirs)
    {
        using var command = _database.CreateCommand();
        command.CommandText = $"select s.id, s.t, {ours}::varchar, {theirs}::varchar, count(*) over () from g join a using (id) join s using (id) where {differs} order by s.id limit 1";
        using var reader = command.ExecuteReader();
        return reader.Read()
            ? $"{Text(reader, 4)} rows differ; the first is {Text(reader, 0)} at {Text(reader, 1)}, where ours is {Text(reader, 2)} and the database's {Text(reader, 3)}"
            : null;
    }

    private string? Unrounded(StreamFeature feature, int index, Func<BigInteger[], double?> expected)
    {
        using var command = _database.CreateCommand();
        var parts = feature.Aggregate.Sql.Length;
        command.CommandText = $"""
            select s.id, s.until_n, g."{feature.Name}", {string.Join(", ", Enumerable.Range(0, parts).Select(part => $"a.x{index}_{part}::hugeint"))}
            from g join a using (id) join s using (id)
            """;
        using var reader = command.ExecuteReader();
        var sums = new BigInteger[parts];
        while (reader.Read())
        {
            var isEmpty = reader.GetInt64(1) == 0;
            for (var part = 0; part < parts; part++)
            {
                if (reader.IsDBNull(3 + part)) isEmpty = true;
                else sums[part] = reader.GetFieldValue<BigInteger>(3 + part);
            }
            double? ours = reader.IsDBNull(2) ? null : reader.GetDouble(2);
            var theirs = isEmpty ? null : expected(sums);
            if (ours != theirs)
                return string.Create(CultureInfo.InvariantCulture, $"at row {reader.GetInt64(0)} ours is {ours:R} and the exact one, rounded once, {theirs:R}");
        }
        return null;
    }

    private static string Counted(string compared) =>
        $"select raw.id, raw.entity, raw.ts as t, coalesce(m.last_n, 0) as n from raw asof left join m on raw.entity = m.entity and raw.ts {compared} m.ts";

    // A double between 2^-15 and 2^57 is a whole number of these.
    private static BigInteger? Parts(double number) => (BigInteger)Math.ScaleB(number, 70);

    private long Scalar(string sql)
    {
        using var command = _database.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private void Run(string sql)
    {
        using var command = _database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static string? Text(System.Data.Common.DbDataReader reader, int column) => Convert.ToString(reader.GetValue(column), CultureInfo.InvariantCulture);

    private static string Invariant(long number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\bp\.(\w+)")]
    private static partial Regex Column();
}
