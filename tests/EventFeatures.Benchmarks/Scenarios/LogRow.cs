namespace EventFeatures.Benchmarks.Scenarios;

/// <summary>A row of the log's table, and what its rounds gave so far.</summary>
/// <param name="name">What is done.</param>
/// <param name="limitName">The raw operation that bounds it.</param>
/// <param name="limit">Measures that operation, in a round's time.</param>
/// <param name="measure">Measures the row, in a round's time. Takes the round's number; 0 is the warm-up.</param>
internal sealed class LogRow(string name, string limitName, Func<Task<double>> limit, Func<int, Task<Load.Result>> measure)
{
    private readonly List<Load.Result> _results = [];
    private readonly List<double> _limits = [];

    public string Name => name;

    /// <summary>Measures the row once, beside its limit. The first round warms, and does not count.</summary>
    public async Task<Load.Result> RunAsync(int round)
    {
        var bound = await limit().ConfigureAwait(false);
        var result = await measure(round).ConfigureAwait(false);
        if (round == 0) return result;
        _limits.Add(bound);
        _results.Add(result);
        return result;
    }

    /// <summary>All rounds together: medians, and what the rates lie between. A latency is the median of the rounds' percentiles.</summary>
    public Measurement Summary()
    {
        var typical = new Load.Result(Median(result => result.PerSecond), Median(result => result.MedianMicroseconds), Median(result => result.Percentile99Microseconds));
        return new Measurement(
            name, "events", typical.PerSecond, limitName, Median(_limits), typical.MedianMicroseconds > 0 ? typical.Latency : "",
            new RoundSpread(_results.Count, _results.Min(result => result.PerSecond), _results.Max(result => result.PerSecond)));
    }

    private double Median(Func<Load.Result, double> of) => Median(_results.Select(of));

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);
}
