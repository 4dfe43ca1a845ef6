using System.Diagnostics;
using EventFeatures.Core.Events;

namespace EventFeatures.Application.Pipeline;

/// <summary>What is known of an append from where it happens: who, in which request, under which trace.</summary>
internal static class Provenance
{
    /// <summary>Metadata with the current trace; a correlation id is made up from the trace, or at random, when there is none.</summary>
    public static EventMetadata Of(string? correlationId, string? producer) => new()
    {
        CorrelationId = string.IsNullOrEmpty(correlationId) ? NewCorrelation() : correlationId,
        TraceParent = Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null,
        TraceState = Activity.Current?.TraceStateString is { Length: > 0 } state ? state : null,
        Producer = producer,
    };

    private static string NewCorrelation() =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.TraceId.ToHexString() : Guid.NewGuid().ToString("N");
}
