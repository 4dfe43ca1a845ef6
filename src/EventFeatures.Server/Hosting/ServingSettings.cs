namespace EventFeatures.Server.Hosting;

/// <summary>What the parts are promised to hold, and where training sets go.</summary>
/// <param name="LagMax">How long a view may trail the log before the server calls itself unready.</param>
/// <param name="TrainingSetFolder">Where training sets are written.</param>
internal sealed record ServingSettings(TimeSpan LagMax, string TrainingSetFolder)
{
    public static void Check(TimeSpan lagMax, TimeSpan latencyMax, List<string> wrong)
    {
        if (lagMax < TimeSpan.FromMilliseconds(100) || lagMax > TimeSpan.FromHours(1)) wrong.Add($"the largest lag is {lagMax}; it must be 100 ms to 1 h");
        if (latencyMax < TimeSpan.FromMilliseconds(1) || latencyMax > TimeSpan.FromMinutes(1)) wrong.Add($"the largest latency is {latencyMax}; it must be 1 ms to 1 min");
    }
}
