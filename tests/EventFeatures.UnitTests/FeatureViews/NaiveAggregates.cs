using System.Globalization;
using EventFeatures.Core.FeatureViews.Aggregates;
using EventFeatures.Core.Values;

namespace EventFeatures.UnitTests.FeatureViews;

/// <summary>
/// The aggregates as their documentation reads, over inputs that are all there at once. Sums and moments are over
/// fractions; what needs a logarithm or a power is only near, and is compared within a tolerance.
/// </summary>
internal static class NaiveAggregates
{
    /// <summary>The value over non-null inputs in the order of their places.</summary>
    public static Value Of(string name, AggregateParameters parameters, IReadOnlyList<(Place Place, Value Value)> inputs)
    {
        var values = inputs.Select(input => input.Value).ToList();
        var k = (int)(parameters.K ?? 1);
        return name switch
        {
            "first_k" => Value.Of([.. values.Take(k)]),
            "last_k" => Value.Of([.. values.TakeLast(k)]),
            "first_distinct_k" => Value.Of([.. values.Select(Same).Distinct().Take(k)]),
            "last_distinct_k" => Value.Of([.. values.Select(Same).Reverse().Distinct().Take(k).Reverse()]),
            "lag" => values.Count > k ? values[^(k + 1)] : Value.Null,
            "top_k" => Value.Of([.. values.Order(ByValue).Reverse().Take(k)]),
            "bottom_k" => Value.Of([.. values.Order(ByValue).Take(k)]),
            "distinct_values" => Value.Of([.. values.Select(Same).Distinct().Order(ByValue)]),
            "histogram" => Value.Of(values.GroupBy(Same).ToDictionary(group => Text(group.Key), group => Value.Of((long)group.Count()))),
            "most_frequent_k" => Value.Of([.. values.GroupBy(Same).OrderBy(group => group.Key, ByValue).OrderByDescending(group => group.Count()).Take(k).Select(group => group.Key)]),
            _ when values.Count == 0 => Value.Null,
            "any" => Value.Of(values.Any(value => value.Boolean)),
            "all" => Value.Of(values.All(value => value.Boolean)),
            "median" => Percentile(values, 0.5m),
            "percentile" => Percentile(values, parameters.Percentile!.Value),
            "slope" => Slope(inputs),
            "drawdown" => Drawdown(values),
            _ => Moment(name, parameters.OfSample, [.. values.Select(Rational.Of)]),
        };
    }

    /// <summary>The moving average and, for the tolerance, the same of the inputs' sizes.</summary>
    public static (double Average, double Size) MovingAverage(double halfLifeSeconds, IReadOnlyList<(Place Place, Value Value)> inputs)
    {
        var newest = inputs.Max(input => input.Place.OccurredAt.Microseconds);
        var weighted = inputs.Select(input => (Weight: Math.Pow(2, -(newest - input.Place.OccurredAt.Microseconds) / 1e6 / halfLifeSeconds), input.Value.Number)).ToList();
        var weights = weighted.Sum(one => one.Weight);
        return (weighted.Sum(one => one.Weight * one.Number) / weights, weighted.Sum(one => one.Weight * Math.Abs(one.Number)) / weights);
    }

    public static double Entropy(IReadOnlyCollection<Value> values) =>
        -values.GroupBy(Same).Sum(group => (double)group.Count() / values.Count * Math.Log2((double)group.Count() / values.Count));

    private static readonly IComparer<Value> ByValue = Comparer<Value>.Create((left, right) => left.Kind switch
    {
        ValueKind.String => string.CompareOrdinal(left.String, right.String),
        ValueKind.Boolean => left.Boolean.CompareTo(right.Boolean),
        ValueKind.Number when left.Number == right.Number => double.IsNegative(right.Number).CompareTo(double.IsNegative(left.Number)),
        _ => Rational.Of(left).CompareTo(Rational.Of(right)),
    });

    private static Value Same(Value value) => value.Kind == ValueKind.Number && value.Number == 0 ? Value.Of(0.0) : value;

    private static string Text(Value value) => value.Kind switch
    {
        ValueKind.String => value.String,
        ValueKind.Boolean => value.Boolean ? "true" : "false",
        ValueKind.Integer => value.Integer.ToString(CultureInfo.InvariantCulture),
        ValueKind.Decimal => value.Decimal.ToString(CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static Value Percentile(List<Value> values, decimal share)
    {
        var sorted = values.Select(Rational.Of).Order().ToList();
        var rank = Rational.Of(Value.Of(share)) * Rational.Whole(sorted.Count - 1);
        var below = (int)System.Numerics.BigInteger.Divide(rank.Above, rank.Below);
        var part = rank - Rational.Whole(below);
        var upper = sorted[Math.Min(below + 1, sorted.Count - 1)];
        return Value.Of((sorted[below] + (upper - sorted[below]) * part).Nearest());
    }

    private static Value Moment(string name, bool ofSample, List<Rational> values)
    {
        var n = Rational.Whole(values.Count);
        var mean = Rational.Sum(values) / n;
        Rational Central(int power) => Rational.Sum(values.Select(value => (value - mean).Power(power)));
        var spread = Central(2);
        switch (name)
        {
            case "var_pop": return Value.Of((spread / n).Nearest());
            case "stddev_pop": return Value.Of(Math.Sqrt((spread / n).Nearest()));
            case "var_samp": return values.Count < 2 ? Value.Null : Value.Of((spread / Rational.Whole(values.Count - 1)).Nearest());
            case "stddev_samp": return values.Count < 2 ? Value.Null : Value.Of(Math.Sqrt((spread / Rational.Whole(values.Count - 1)).Nearest()));
        }
        if (spread.Above.IsZero || (ofSample && values.Count < (name == "skew" ? 3 : 4))) return Value.Null;
        var m2 = spread / n;
        if (name == "kurtosis")
        {
            var g2 = Central(4) / n / m2.Power(2) - Rational.Whole(3);
            if (!ofSample) return Value.Of(g2.Nearest());
            var factor = new Rational(values.Count - 1, (values.Count - 2) * (values.Count - 3));
            return Value.Of((factor * (Rational.Whole(values.Count + 1) * g2 + Rational.Whole(6))).Nearest());
        }
        var m3 = Central(3) / n;
        var squared = m3.Power(2) / m2.Power(3);
        if (ofSample) squared *= new Rational(values.Count * (values.Count - 1), (values.Count - 2) * (values.Count - 2));
        return Value.Of(m3.Above.Sign < 0 ? -squared.NearestRoot() : squared.NearestRoot());
    }

    private static Value Slope(IReadOnlyList<(Place Place, Value Value)> inputs)
    {
        var points = inputs.Select(input => (Time: new Rational(input.Place.OccurredAt.Microseconds, 1_000_000), Value: Rational.Of(input.Value))).ToList();
        var n = Rational.Whole(points.Count);
        var (time, value) = (Rational.Sum(points.Select(point => point.Time)) / n, Rational.Sum(points.Select(point => point.Value)) / n);
        var spread = Rational.Sum(points.Select(point => (point.Time - time).Power(2)));
        return spread.Above.IsZero ? Value.Null
            : Value.Of((Rational.Sum(points.Select(point => (point.Time - time) * (point.Value - value))) / spread).Nearest());
    }

    private static Value Drawdown(List<Value> values)
    {
        var exact = values.Select(Rational.Of).ToList();
        if (exact.Any(value => value.Above.Sign < 0)) return Value.Null;
        var falls = from later in Enumerable.Range(0, exact.Count)
                    let peak = exact.Take(later + 1).Max()
                    where !peak.Above.IsZero
                    select (peak - exact[later]) / peak;
        return Value.Of(falls.DefaultIfEmpty(Rational.Whole(0)).Max().Nearest());
    }
}
