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
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("eventfeatures"));
        // What goes nowhere need not be written down. The framework gives each call its ids all the same, and takes them from its caller.
        if (export)
            telemetry.WithTracing(traces => traces
                .AddSource(Ours).AddSource("Npgsql")
                .AddAspNetCoreInstrumentation(options => options.Filter = http => http.Request.Path.Value is not ("/metrics" or "/health/live" or "/health/ready"))
                .AddOtlpExporter());
        telemetry.WithMetrics(metrics =>
        {
            // Calls are measured by our own interceptor, by method and status, over gRPC and HTTP alike; of the framework, the connections.
            metrics.AddMeter(Ours).AddMeter("Npgsql").AddMeter("System.Runtime").AddMeter("Microsoft.AspNetCore.Server.Kestrel");
            // Counted up and down with every call, which is ours to count.
            metrics.AddView("kestrel.queued_requests", MetricStreamConfiguration.Drop);
            metrics.AddPrometheusExporter();
            if (export) metrics.AddOtlpExporter();
        });
    }
}
