using System.Globalization;
using DuckDB.NET.Data;
using EventFeatures.Core.Events;
using EventFeatures.Core.FeatureViews;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Time;
using EventFeatures.Core.Values;
using Shouldly;
using Xunit;

namespace EventFeatures.IntegrationTests.FeatureViews;

/// <summary>
/// The aggregates against DuckDB over large random inputs, by entity. Where DuckDB computes exactly the bits are equal;
/// where it computes in floating point, the difference is within what that may cost it.
/// </summary>
public sealed class AggregateOracleTests : IDisposable
{
    private const int Seed = 20_260_105, Entities = 7, RowsEach = 3_000;

    private readonly DuckDBConnection _database = new("DataSource=:memory:");
    private readonly List<Row> _rows = Generate();

    public AggregateOracleTests()
    {
        _database.Open();
        Run("create table t (entity integer, moment bigint, position bigint, number double, exact decimal(18, 4), whole bigint, word varchar, flag boolean)");
        using var appender = _database.CreateAppender("t");
        foreach (var row in _rows)
        {
            appender.CreateRow().AppendValue(row.Entity).AppendValue(row.At).AppendValue(row.Position).AppendValue(row.Number).AppendValue(row.Exact)
                .AppendValue(row.Whole).AppendValue(row.Word).AppendValue(row.Flag).EndRow();
        }
    }

    public void Dispose() => _database.Dispose();

    [Theory]
    [InlineData("sum", "whole", "", "sum(whole)::varchar")]
    [InlineData("sum", "exact", "", "sum(exact)::varchar")]
    [InlineData("min", "number", "", "min(number)::varchar")]
    [InlineData("max", "whole", "", "max(whole)::varchar")]
    [InlineData("max", "word", "", "max(word)")]
    [InlineData("count", "number", "", "count(number)::varchar")]
    [InlineData("first", "number", "", "arg_min(number, (moment, position))::varchar")]
    [InlineData("last", "word", "", "arg_max(word, (moment, position))")]
    [InlineData("any", "flag", "", "bool_or(flag)::varchar")]
    [InlineData("all", "flag", "", "bool_and(flag)::varchar")]
    [InlineData("first_k", "whole", "5", "to_json((list(whole order by moment, position) filter (whole is not null))[:5])::varchar")]
    [InlineData("last_k", "number", "5", "to_json((list(number order by moment, position) filter (number is not null))[-5:])::varchar")]
    [InlineData("lag", "number", "3", "((list(number order by moment, position) filter (number is not null))[-4])::varchar")]
    [InlineData("top_k", "number", "9", "to_json(max(number, 9))::varchar")]
    [InlineData("bottom_k", "whole", "9", "to_json(min(whole, 9))::varchar")]
    [InlineData("distinct_values", "word", "", "to_json(list_sort(list_distinct(list(word))))::varchar")]
    [InlineData("distinct_count", "word", "", "count(distinct word)::varchar")]
    [InlineData("most_frequent_k", "word", "1", "to_json([mode(word)])::varchar")]
    [InlineData("histogram", "word", "", "to_json(histogram(word))::varchar")]
    [InlineData("histogram", "flag", "", "to_json(histogram(flag::varchar))::varchar")]
    public void What_is_exact_in_both_is_equal(string aggregate, string column, string parameter, string sql)
    {
        foreach (var (entity, expected) in Query(sql, reader => reader.GetString(1)))
        {
            var value = Fold(entity, aggregate, column, parameter);
            var text = value.Kind is ValueKind.String ? value.String : value.ToString();
            Normal(text).ShouldBe(Normal(expected), $"{aggregate} of {column} of entity {entity}");
        }
    }

    [Theory]
    [InlineData("mean", "number", "", "avg(number)", 1e-13)]
    [InlineData("mean", "exact", "", "avg(exact)", 1e-13)]
    [InlineData("sum", "number", "", "fsum(number)", 1e-13)]
    [InlineData("var_pop", "number", "", "var_pop(number)", 1e-12)]
    [InlineData("var_samp", "number", "", "var_samp(number)", 1e-12)]
    [InlineData("var_samp", "exact", "", "var_samp(exact)", 1e-12)]
    [InlineData("stddev_pop", "number", "", "stddev_pop(number)", 1e-12)]
    [InlineData("stddev_samp", "whole", "", "stddev_samp(whole)", 1e-12)]
    [InlineData("skew", "number", "sample", "skewness(number)", 1e-8)]
    [InlineData("skew", "exact", "sample", "skewness(exact)", 1e-8)]
    [InlineData("skew", "number", "", "skewness(number) * (count(number) - 2) / sqrt(count(number) * (count(number) - 1)::double)", 1e-8)]
    [InlineData("kurtosis", "number", "sample", "kurtosis(number)", 1e-8)]
    [InlineData("kurtosis", "number", "", "kurtosis_pop(number)", 1e-8)]
    [InlineData("median", "whole", "", "median(whole)", 1e-13)]
    [InlineData("percentile", "whole", "0.9", "quantile_cont(whole, 0.9)", 1e-13)]
    [InlineData("percentile", "whole", "0.011", "quantile_cont(whole, 0.011)", 1e-12)]
    [InlineData("percentile", "number", "0.5", "quantile_cont(number, 0.5)", 0.01)]
    [InlineData("percentile", "number", "0.99", "quantile_cont(number, 0.99)", 0.01)]
    [InlineData("percentile", "exact", "0.25", "quantile_cont(exact::double, 0.25)", 0.01)]
    [InlineData("entropy", "word", "", "entropy(word)", 1e-12)]
    [InlineData("slope", "number", "", "regr_slope(number, moment / 1e6)", 1e-6)]
    [InlineData("slope", "whole", "", "regr_slope(whole, moment / 1e6)", 1e-6)]
    [InlineData("rate", "exact", "", "sum(exact)::double / 86400", 1e-13)]
    [InlineData("ewma", "number", "1d", "sum(number * pow(2.0, (moment - 1767225600000000) / 86400e6)) / sum(pow(2.0, (moment - 1767225600000000) / 86400e6)) filter (number is not null)", 1e-11)]
    public void What_is_rounded_in_sql_is_near(string aggregate, string column, string parameter, string sql, double tolerance)
    {
        foreach (var (entity, expected) in Query(sql, reader => reader.GetDouble(1)))
        {
            var value = Fold(entity, aggregate, column, parameter);
            var number = value.Kind == ValueKind.Decimal ? (double)value.Decimal : value.Number;
            number.ShouldBe(expected, Math.Abs(expected) * tolerance, $"{aggregate} of {column} of entity {entity}");
        }
    }

    [Fact]
    public void A_drawdown_is_the_greatest_fall_from_the_running_maximum()
    {
        const string Sql = """
            select entity, max((peak - size) / peak) from (
              select entity, abs(number) as size, max(abs(number)) over (partition by entity order by moment, position) as peak from t where number is not null)
            where peak > 0 group by entity order by entity
            """;
        using var command = _database.CreateCommand();
        command.CommandText = Sql;
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var fold = AggregateCatalog.Find("drawdown")!.Start(new AggregateInput(ValueKind.Number));
            foreach (var row in Of(reader.GetInt32(0))) if (row.Number is { } number) fold.Add(Value.Of(Math.Abs(number)), row.Place);
            fold.Finish(default).Number.ShouldBe(reader.GetDouble(1), 1e-15);
        }
    }

    private static List<Row> Generate()
    {
        var random = new Random(Seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        T? Some<T>(T value) where T : struct => random.Next(20) == 0 ? null : value;
        var start = Instant.Parse("2026-01-01T00:00:00Z").Microseconds;
        return
        [
            .. Enumerable.Range(0, Entities * RowsEach).Select(index => new Row(
                index % Entities, start + random.NextInt64(10 * 86_400L) * 1_000_000, index,
                Some(Normal() * Math.Exp(Normal())), Some(Math.Round((decimal)Math.Exp(4 + Normal()), 4)), Some((long)(Normal() * 300)),
                random.Next(20) == 0 ? null : $"w{(int)Math.Abs(Normal() * 40):00}", Some(random.Next(RowsEach) > 1))),
        ];
    }

    // In an order of its own: the folds must not mind.
    private IEnumerable<Row> Of(int entity)
    {
        var rows = _rows.Where(row => row.Entity == entity).ToArray();
        new Random(Seed + entity).Shuffle(rows);
        return rows;
    }

    private Value Fold(int entity, string aggregate, string column, string parameter)
    {
        var kind = column switch
        {
            "number" => ValueKind.Number,
            "exact" => ValueKind.Decimal,
            "whole" => ValueKind.Integer,
            "word" => ValueKind.String,
            _ => ValueKind.Boolean,
        };
        var fold = AggregateCatalog.Find(aggregate)!.Start(new AggregateInput(kind)
        {
            Window = new Window.Sliding(Duration.Parse("1d")),
            Parameters = aggregate switch
            {
                "percentile" => new() { Percentile = decimal.Parse(parameter, CultureInfo.InvariantCulture) },
                "ewma" => new() { HalfLife = Duration.Parse(parameter) },
                _ when parameter == "sample" => new() { OfSample = true },
                _ when parameter.Length > 0 => new() { K = long.Parse(parameter, CultureInfo.InvariantCulture) },
                _ => AggregateParameters.None,
            },
        });
        foreach (var row in Of(entity))
            if (row.Column(column) is { IsNull: false } value) fold.Add(value, row.Place);
        return fold.Finish(default);
    }

    private List<(int Entity, T Value)> Query<T>(string sql, Func<System.Data.Common.DbDataReader, T> read)
    {
        using var command = _database.CreateCommand();
        command.CommandText = $"select entity, {sql} from t group by entity order by entity";
        using var reader = command.ExecuteReader();
        var values = new List<(int, T)>();
        while (reader.Read()) values.Add((reader.GetInt32(0), read(reader)));
        values.Count.ShouldBe(Entities);
        return values;
    }

    private void Run(string sql)
    {
        using var command = _database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    // Numbers are compared by their bits, whatever their spelling: 5.0 is 5.
    private static string Normal(string text) => System.Text.RegularExpressions.Regex.Replace(text, @"(?<![\w""])-?\d+(\.\d+)?(e[+-]?\d+)?(?![\w""])", match =>
        match.Value.Contains('e', StringComparison.Ordinal) || !decimal.TryParse(match.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact)
            ? double.Parse(match.Value, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture)
            : (exact / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture), System.Text.RegularExpressions.RegexOptions.IgnoreCase);

    private sealed record Row(int Entity, long At, long Position, double? Number, decimal? Exact, long? Whole, string? Word, bool? Flag)
    {
        public Place Place => new(new Instant(At), new Position((ulong)Position));

        public Value Column(string name) => name switch
        {
            "number" => Number is { } number ? Value.Of(number) : Value.Null,
            "exact" => Exact is { } exact ? Value.Of(exact) : Value.Null,
            "whole" => Whole is { } whole ? Value.Of(whole) : Value.Null,
            "word" => Word is { } word ? Value.Of(word) : Value.Null,
            _ => Flag is { } flag ? Value.Of(flag) : Value.Null,
        };
    }
}
