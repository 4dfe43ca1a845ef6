using System.Numerics;

namespace EventFeatures.IntegrationTests.FeatureViews.Streams;

/// <summary>How a feature's values are held to the database's.</summary>
internal enum Comparison
{
    /// <summary>Equal, value by value.</summary>
    Equal,

    /// <summary>Equal lists of numbers, which a training set holds as text.</summary>
    EqualNumbers,

    /// <summary>The double nearest to the quotient of two exact sums of the database.</summary>
    Quotient,

    /// <summary>The same of what its exact sums of powers come to.</summary>
    Powers,

    /// <summary>Within the last few bits: the database computes a logarithm, or picks by rank, in floating point.</summary>
    Near,

    /// <summary>Not at all: the database has nothing like it. It is compared between our own paths.</summary>
    Ours,
}

/// <summary>An aggregate as a definition writes it and as a database says it, of the events <c>p</c> that a window picked for the asked row <c>s</c>.</summary>
/// <param name="Name">A short name.</param>
/// <param name="Yaml">What the definition says of it.</param>
/// <param name="Comparison">How the two are compared.</param>
/// <param name="Sql">The database's expressions.</param>
internal sealed record StreamAggregate(string Name, string Yaml, Comparison Comparison, params string[] Sql)
{
    // How many parts of a number are whole, and how many millionths one has.
    private const string Parts = "1180591620717411303424", Millionths = "1000000";

    /// <summary>Whether the expressions are over the groups <c>q</c> of the picked events' words.</summary>
    public bool IsOfGroups { get; init; }

    /// <summary>Whether it is for windows of fixed length alone.</summary>
    public bool NeedsLength { get; init; }

    /// <summary>Whether it is for windows that never reach back two days alone.</summary>
    public bool NeedsShort { get; init; }

    /// <summary>Whether it is refused where there is no window.</summary>
    public bool NeedsWindow { get; init; }

    /// <summary>What <see cref="Comparison.Powers"/> comes to, given the count and the sums of powers.</summary>
    public Func<BigInteger[], double?>? OfPowers { get; init; }

    /// <summary>How many events there are; in every window.</summary>
    public static StreamAggregate Count { get; } = Same("count", "aggregate: count", "count(p.n)");

    /// <summary>All others, each kind at least once.</summary>
    public static IReadOnlyList<StreamAggregate> Others { get; } = [.. Sums(), .. Moments(), .. Plain(), .. Lists(), .. Groups()];

    public bool IsFor(StreamWindow window) =>
        (window.Seconds is not null || !NeedsLength) && (window.IsShort || !NeedsShort) && (window.Yaml is { } text && !text.StartsWith("{ max_rows", StringComparison.Ordinal) && !text.StartsWith("{ offset", StringComparison.Ordinal) || !NeedsWindow);

    private static StreamAggregate Same(string name, string yaml, string sql) => new(name, yaml, Comparison.Equal, sql);

    private static IEnumerable<StreamAggregate> Plain() =>
    [
        Same("count_maybe", "aggregate: count, of: maybe", "count(p.maybe)"),
        Same("count_flag", "aggregate: count, where: flag", "count(p.n) filter (p.flag)"),
        Same("sum_exact", "aggregate: sum, of: exact", "sum(p.exact)::decimal(38, 18)"),
        Same("sum_whole", "aggregate: sum, of: whole", "sum(p.whole)::decimal(38, 18)"),
        Same("min_number", "aggregate: min, of: number", "min(p.number)"),
        Same("max_word", "aggregate: max, of: word", "max(p.word)"),
        Same("max_exact", "aggregate: max, of: exact", "max(p.exact)::decimal(38, 18)"),
        Same("min_maybe", "aggregate: min, of: maybe", "min(p.maybe)"),
        Same("first_maybe", "aggregate: first, of: maybe", "arg_min(p.maybe, p.n)"),
        Same("last_word", "aggregate: last, of: word", "arg_max(p.word, p.n)"),
        Same("last_kept", "aggregate: last, of: maybe, nulls: keep", "(list(p.maybe order by p.n) filter (p.n is not null))[-1]"),
        Same("lag", "aggregate: lag, of: whole, k: 2", "(list(p.whole order by p.n) filter (p.whole is not null))[-3]"),
        Same("distinct", "aggregate: distinct_count, of: word", "count(distinct p.word)"),
        Same("any", "aggregate: any, of: flag", "bool_or(p.flag)"),
        Same("all", "aggregate: all, of: \"not flag\"", "bool_and(not p.flag)"),
        Same("since_last", "aggregate: seconds_since_last, of: maybe", "(s.t - max(p.ts) filter (p.maybe is not null))::double / 1000000"),
        Same("since_first", "aggregate: seconds_since_first", "(s.t - min(p.ts))::double / 1000000"),
        Same("rate", "aggregate: rate", "nullif(count(p.n), 0)::double / {seconds}") with { NeedsLength = true },
        Same("median", "aggregate: median, of: whole", "median(p.whole)"),
        Same("percentile", "aggregate: percentile, of: whole, percentile: 0.75", "quantile_cont(p.whole, 0.75)"),
        Same("drawdown", "aggregate: drawdown, of: whole", "coalesce(max(case when p.peak > 0 then (p.peak - p.whole)::double / p.peak end), case when count(p.n) > 0 then 0.0 end)") with { NeedsWindow = true },
        new("percentile_number", "aggregate: percentile, of: number, percentile: 0.9", Comparison.Near, "quantile_cont(p.number, 0.9)"),
        new("entropy", "aggregate: entropy, of: word", Comparison.Near, "case when count(p.word) > 0 then entropy(p.word) end"),
        new("distinct_whole", "aggregate: distinct_count, of: whole", Comparison.Ours),
        new("approx_histogram", "aggregate: approx_histogram, of: number, bins: 4", Comparison.Ours),
    ];

    private static IEnumerable<StreamAggregate> Lists() =>
    [
        Same("first_k", "aggregate: first_k, of: word, k: 3", List("(list(p.word order by p.n) filter (p.word is not null))[:3]")),
        Same("last_k", "aggregate: last_k, of: whole, k: 3", List("(list(p.whole order by p.n) filter (p.whole is not null))[-3:]")),
        Same("top_k", "aggregate: top_k, of: whole, k: 3", List("max(p.whole, 3)")),
        Same("bottom_k", "aggregate: bottom_k, of: word, k: 2", List("min(p.word, 2)")),
        Same("values", "aggregate: distinct_values, of: word", List("list_sort(list(distinct p.word) filter (p.word is not null))")),
        Same("vector_min", "aggregate: min, of: vector", List("case when count(p.n) > 0 then [min(p.lefty), min(p.righty)] end")),
        Same("vector_max", "aggregate: max, of: vector", List("case when count(p.n) > 0 then [max(p.lefty), max(p.righty)] end")),
        Same("vector_sum", "aggregate: sum, of: vector", List("case when count(p.n) > 0 then [sum(p.lefty)::bigint, sum(p.righty)::bigint] end")),
        new("vector_mean", "aggregate: mean, of: vector", Comparison.EqualNumbers, "coalesce(case when count(p.n) > 0 then [sum(p.lefty)::double / count(p.n), sum(p.righty)::double / count(p.n)] end, []::double[])"),
        new("top_numbers", "aggregate: top_k, of: number, k: 2", Comparison.EqualNumbers, "coalesce(max(p.number, 2), []::double[])"),
    ];

    private static IEnumerable<StreamAggregate> Groups() => new StreamAggregate[]
    {
        Same("histogram", "aggregate: histogram, of: word", "'{' || coalesce(string_agg('\"' || q.word || '\":' || q.events, ',' order by q.word), '') || '}'"),
        Same("sum_by_word", "aggregate: sum, of: whole, group_by: word", "'{' || coalesce(string_agg('\"' || q.word || '\":' || q.total, ',' order by q.word), '') || '}'"),
        Same("most_frequent", "aggregate: most_frequent_k, of: word, k: 2", List("(list(q.word order by q.events desc, q.word) filter (q.word is not null))[:2]")),
        Same("first_distinct", "aggregate: first_distinct_k, of: word, k: 2", List("(list(q.word order by q.first_n) filter (q.word is not null))[:2]")),
        Same("last_distinct", "aggregate: last_distinct_k, of: word, k: 2", List("(list(q.word order by q.last_n) filter (q.word is not null))[-2:]")),
    }.Select(aggregate => aggregate with { IsOfGroups = true });

    private static IEnumerable<StreamAggregate> Sums() =>
    [
        new("sum_number", "aggregate: sum, of: number", Comparison.Quotient, "sum(p.number_parts)", Parts),
        new("mean_number", "aggregate: mean, of: number", Comparison.Quotient, "sum(p.number_parts)", $"count(p.number_parts) * {Parts}::hugeint"),
        new("mean_maybe", "aggregate: mean, of: maybe", Comparison.Quotient, "sum(p.maybe_parts)", $"count(p.maybe_parts) * {Parts}::hugeint"),
        new("mean_exact", "aggregate: mean, of: exact", Comparison.Quotient, "sum(p.units)", $"count(p.units) * {Millionths}"),
        new("mean_whole", "aggregate: mean, of: whole", Comparison.Quotient, "sum(p.whole)", "count(p.whole)"),
        new("rate_exact", "aggregate: rate, of: exact", Comparison.Quotient, "sum(p.units)", $"{{seconds}} * {Millionths}") { NeedsLength = true },
        new("slope", "aggregate: slope, of: whole", Comparison.Quotient,
            "count(p.n) * sum(p.ago * p.whole) - sum(p.ago) * sum(p.whole)", "nullif(count(p.n) * sum(p.ago * p.ago) - sum(p.ago) * sum(p.ago), 0)"),
        new("ewma", "aggregate: ewma, of: whole, half_life: 30m", Comparison.Quotient,
            "sum(p.whole * p.weight)", "sum(p.weight)") { NeedsShort = true },
    ];

    private static IEnumerable<StreamAggregate> Moments()
    {
        static StreamAggregate Of(string name, string yaml, string field, Func<BigInteger[], double?> of) =>
            new(name, yaml, Comparison.Powers, [$"count(p.{field})::hugeint", .. Enumerable.Range(1, 4).Select(power => $"sum({string.Join(" * ", Enumerable.Repeat($"p.{field}::hugeint", power))})")]) { OfPowers = of };
        var square = BigInteger.Pow(10, 12);
        return
        [
            Of("var_pop", "aggregate: var_pop, of: whole", "whole", sums => ExactRounding.Quotient(Spread(sums), sums[0] * sums[0])),
            Of("var_samp", "aggregate: var_samp, of: exact", "units", sums => sums[0] < 2 ? null : ExactRounding.Quotient(Spread(sums), sums[0] * (sums[0] - 1) * square)),
            Of("stddev_pop", "aggregate: stddev_pop, of: exact", "units", sums => Math.Sqrt(ExactRounding.Quotient(Spread(sums), sums[0] * sums[0] * square))),
            Of("stddev_samp", "aggregate: stddev_samp, of: whole", "whole", sums => sums[0] < 2 ? null : Math.Sqrt(ExactRounding.Quotient(Spread(sums), sums[0] * (sums[0] - 1)))),
            Of("skew", "aggregate: skew, of: whole", "whole", Skew),
            Of("kurtosis", "aggregate: kurtosis, of: whole", "whole", Kurtosis),
        ];
    }

    // Central moments, each times the power of the count that makes it whole.
    private static BigInteger Spread(BigInteger[] sums) => (sums[0] * sums[2]) - (sums[1] * sums[1]);

    private static double? Skew(BigInteger[] sums)
    {
        var (n, spread) = (sums[0], Spread(sums));
        if (spread.IsZero) return null;
        var third = (n * n * sums[3]) - (3 * n * sums[1] * sums[2]) + (2 * BigInteger.Pow(sums[1], 3));
        return third.Sign * ExactRounding.Root(third * third, BigInteger.Pow(spread, 3));
    }

    private static double? Kurtosis(BigInteger[] sums)
    {
        var (n, spread) = (sums[0], Spread(sums));
        if (spread.IsZero) return null;
        var fourth = (BigInteger.Pow(n, 3) * sums[4]) - (4 * n * n * sums[1] * sums[3]) + (6 * n * sums[1] * sums[1] * sums[2]) - (3 * BigInteger.Pow(sums[1], 4));
        return ExactRounding.Quotient(fourth - (3 * spread * spread), spread * spread);
    }

    private static string List(string sql) => $"coalesce(to_json({sql})::varchar, '[]')";
}
