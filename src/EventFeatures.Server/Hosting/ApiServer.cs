using System.Net;
using EventFeatures.Application.Events;
using EventFeatures.Server.Api;
using EventFeatures.Server.Errors;
using EventFeatures.Server.Health;
using EventFeatures.Server.Load;
using EventFeatures.Server.OnePort;
using EventFeatures.Server.OpenApi;
using EventFeatures.Server.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EventFeatures.Server.Hosting;

/// <summary>The API: gRPC, the same as HTTP/JSON, CloudEvents, OpenAPI, health, reflection and metrics, on one port.</summary>
internal static class ApiServer
{
    private const int MessageBytesMax = 64 * 1024 * 1024;

    // An append to the log is at most a mebibyte. What is larger than this ends its call; what is less is refused with
    // its reason, within a stream too.
    private const int AppendBytesMax = 4 * 1024 * 1024;

    // How long a connection may be silent until its caller is asked whether it is there, and then to answer.
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(10);

    public static void AddApi(this WebApplicationBuilder builder, IPEndPoint address, LoadLimits load, ProducerQuotas quotas, TimeProvider time)
    {
        var handover = new Http2Handover();
        builder.Services.AddSingleton<IConnectionListenerFactory>(handover);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MessageBytesMax;
            kestrel.Limits.MaxConcurrentConnections = load.ConnectionsMax;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1024;
            // What a caller may send before anybody reads it; a stream that is held back keeps so much in memory.
            kestrel.Limits.Http2.InitialConnectionWindowSize = 2 * 1024 * 1024;
            kestrel.Limits.Http2.InitialStreamWindowSize = 512 * 1024;
            // A caller that vanished without a word would keep its streams, and their share of what the server takes, for ever.
            kestrel.Limits.Http2.KeepAlivePingDelay = KeepAlive;
            kestrel.Limits.Http2.KeepAlivePingTimeout = KeepAlive;
            kestrel.ListenOnOnePort(address, handover, time);
        });
        builder.Services.AddSingleton(load);
        builder.Services.AddSingleton(new ProducerBuckets(quotas, time));
        builder.Services.AddSingleton<RefusalLog>();
        builder.Services.AddSingleton<Admission>();
        builder.Services.AddSingleton<ComingBytes>();
        builder.Services.AddSingleton<OpenCalls>();
        builder.Services.AddSingleton<AppendGate>();
        builder.Services.AddSingleton<CallAdmission>();
        builder.Services.AddSingleton<ApiMetrics>();
        builder.Services.AddSingleton<CallErrors>();
        builder.Services.AddSingleton<CallInterceptor>();
        builder.Services.AddSingleton<CallsInWork>();
        builder.Services.AddSingleton<PrecomputedAnswers>();
        builder.Services.AddSingleton<FeatureSubscriptions>();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.Interceptors.Add<CallInterceptor>();
            grpc.MaxReceiveMessageSize = MessageBytesMax;
            grpc.MaxSendMessageSize = 4 * MessageBytesMax;
        }).AddServiceOptions<EventsService>(events => events.MaxReceiveMessageSize = AppendBytesMax).AddJsonTranscoding(transcoding =>
        {
            // As protobuf's JSON mapping has it: a position does not fit a double.
            transcoding.JsonSettings.WriteInt64sAsStrings = true;
            transcoding.TypeRegistry = HttpErrors.Details;
        });
        builder.Services.AddGrpcReflection();
        builder.Services.AddHealth();
        builder.Services.AddTelemetry();
    }

    public static void MapApi(this WebApplication app)
    {
        var calls = app.Services.GetRequiredService<CallsInWork>();
        app.Use(next => http => calls.CountAsync(http, next));
        var open = app.Services.GetRequiredService<OpenCalls>();
        app.Use(next => http => open.ServeAsync(http, next));
        app.Use(next => http => DefaultDeadline.ApplyAsync(http, next));
        app.MapGrpcService<EventsService>();
        app.MapGrpcService<FeaturesService>();
        app.MapGrpcService<InferenceService>();
        app.MapGrpcService<RegistryService>();
        app.MapGrpcService<AuditService>();
        app.MapGrpcService<MaintenanceService>();
        app.MapGrpcService<QuarantineService>();
        app.MapGrpcReflectionService();
        app.MapCloudEvents();
        app.MapHealth();
        app.MapPrometheusScrapingEndpoint("/metrics");
        var openApi = OpenApiDocument.Build().ToJsonString();
        app.MapGet("/openapi.json", () => Results.Text(openApi, "application/json"));
    }
}
