namespace EventFeatures.Benchmarks.LargeLog;

/// <summary>What something costs in a log of a given size.</summary>
/// <param name="What">What was done or looked at.</param>
/// <param name="Value">The figure, with its unit.</param>
/// <param name="Detail">What else there is to know; empty for nothing.</param>
internal sealed record Figure(string What, string Value, string Detail = "");
