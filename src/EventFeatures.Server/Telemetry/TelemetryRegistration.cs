using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace EventFeatures.Server.Telemetry;

/// <summary>Traces and metrics. They leave the process only by /metrics, and by OTLP where an endpoint is named.</summary>
internal static class TelemetryRegistration
{
    public const string OtlpEndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    // Every part names its activity source and its meter EventFeatures.<Part>.
    private const string Ours = "EventFeatures.*";

    public static void AddTelemetry(this IServiceCollection services)
    {
        var export = Environment.GetEnvironmentVariable(OtlpEndpointVariable) is { Length: > 0 };
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("eventfeatures"))
            .WithTracing(traces =>
            {
                traces.AddSource(Ours).AddSource("Npgsql").AddAspNetCoreInstrumentation(options =>
                    options.Filter = http => http.Request.Path.Value is not ("/metrics" or "/health/live" or "/health/ready"));
                if (export) traces.AddOtlpExporter();
                // What goes nowhere need not be written down. Ids are given all the same, and a caller that records is followed.
                else traces.SetSampler(new ParentBasedSampler(new AlwaysOffSampler()));
            })
            .WithMetrics(metrics =>
            {
                // Calls are measured by our own interceptor, by method and status, over gRPC and HTTP alike; of the framework, the connections.
                metrics.AddMeter(Ours).AddMeter("Npgsql").AddMeter("System.Runtime").AddMeter("Microsoft.AspNetCore.Server.Kestrel");
                metrics.AddPrometheusExporter();
                if (export) metrics.AddOtlpExporter();
            });
    }
}
