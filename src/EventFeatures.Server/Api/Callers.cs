using System.Diagnostics;

namespace EventFeatures.Server.Api;

/// <summary>Who calls, and under which correlation id, for the record.</summary>
internal static class Callers
{
    private const string Unnamed = "anonymous";

    /// <summary>Who appends, for its quota. The caller's own word as well: one that lies about it counts as another.</summary>
    public static string Producer(string? stated) => string.IsNullOrEmpty(stated) ? Unnamed : stated;

    /// <summary>The caller's own word, since callers are not authenticated.</summary>
    public static string Actor(string stated) => stated.Length > 0 ? stated : Unnamed;

    /// <summary>The caller's correlation id, or that of the call's trace, so that both lead to each other.</summary>
    public static string Correlation(string stated) =>
        stated.Length > 0 ? stated : Activity.Current?.TraceId.ToString() ?? Guid.NewGuid().ToString("N");
}
