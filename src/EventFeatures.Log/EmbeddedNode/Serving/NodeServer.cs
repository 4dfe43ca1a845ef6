using EventFeatures.Log.EmbeddedNode.Access;
using EventFeatures.Log.EmbeddedNode.PersistentSubscriptions;
using EventFeatures.Log.Http2;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFeatures.Log.EmbeddedNode.Serving;

/// <summary>The HTTP/2 server around the services.</summary>
internal static class NodeServer
{
    // An append is at most 1 MiB and a batch may come in one message, so this leaves room to refuse politely.
    private const int MessageBytesMax = 16 * 1024 * 1024;

    public static WebApplication Build(NodeServices node, Groups groups)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Configure(kestrel, node.Options));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(node);
        builder.Services.AddSingleton(groups);
        builder.Services.AddSingleton<ILoggerFactory>(new CallerFaults(node.Options.LoggerFactory));
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, NoLifetime>());
        builder.Services.AddSingleton<OpenCalls>();
        builder.Services.AddSingleton<StreamsService>();
        builder.Services.AddSingleton<StreamsBinding>();
        builder.Services.AddSingleton<IServiceMethodProvider<StreamsBinding>>(services => services.GetRequiredService<StreamsBinding>());
        builder.Services.AddSingleton<ServerFeaturesService>();
        builder.Services.AddSingleton<GossipService>();
        builder.Services.AddSingleton<PersistentSubscriptionsService>();
        builder.Services.AddSingleton<MonitoringService>();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = MessageBytesMax;
            grpc.MaxSendMessageSize = MessageBytesMax;
            grpc.IgnoreUnknownServices = true;
        });
        var server = builder.Build();
        server.UseGate(node.Options.Access);
        server.MapGrpcService<StreamsBinding>();
        server.MapGrpcService<ServerFeaturesService>();
        server.MapGrpcService<GossipService>();
        server.MapGrpcService<PersistentSubscriptionsService>();
        server.MapGrpcService<MonitoringService>();
        server.MapUnserved();
        return server;
    }

    /// <summary>The port that was really taken.</summary>
    public static int PortOf(WebApplication server)
    {
        var addresses = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new Uri(addresses.First()).Port;
    }

    private static void Configure(KestrelServerOptions kestrel, EmbeddedNodeOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        // A subscriber may be silent or slow for as long as it likes; it holds no more than a window and a page.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        kestrel.Limits.Http2.InitialStreamWindowSize = 4 * 1024 * 1024;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 8 * 1024 * 1024;
        // One that vanished without a word would keep its calls, and what it holds of a group, for ever.
        kestrel.Limits.Http2.KeepAlivePingDelay = options.KeepAliveInterval;
        kestrel.Limits.Http2.KeepAlivePingTimeout = options.KeepAliveTimeout;
        kestrel.Listen(options.Access.Bind, options.Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (options.Access.Certificate is not null) listen.UseHttps(options.Access.Protect);
            listen.Use(next => connection => ClientsClose.ServeAsync(connection, served => next(served), options.Time));
        });
    }

    // The process belongs to whoever started the node: its signals are not the node's to handle.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
