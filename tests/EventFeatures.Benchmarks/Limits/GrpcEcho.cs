using EventFeatures.Api.V1;
using EventFeatures.Benchmarks.Protos;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace EventFeatures.Benchmarks.Limits;

/// <summary>A gRPC server that gives back what it got: no call of the API can be faster.</summary>
internal sealed class GrpcEcho : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly GrpcChannel _channel;

    private GrpcEcho(WebApplication server, GrpcChannel channel)
    {
        _server = server;
        _channel = channel;
    }

    public static async Task<GrpcEcho> StartAsync()
    {
        // Empty: the slim one would take the signals that end the benchmark for itself.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRouting();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<ReadyMadeAnswer>();
        var server = builder.Build();
        server.MapGrpcService<Service>();
        server.MapGrpcService<ReadyMadeAnswer>();
        await server.StartAsync().ConfigureAwait(false);
        var address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new GrpcEcho(server, GrpcChannel.ForAddress(address));
    }

    /// <summary>Calls a second, with a payload of this many bytes both ways, after a warm-up.</summary>
    public Task<Load.Result> MeasureAsync(int callers, int bytes, TimeSpan duration) => Load.RunAsync(callers, duration, Say(bytes));

    /// <summary>The same without warming, for one of several rounds.</summary>
    public Task<Load.Result> RoundAsync(int callers, int bytes, TimeSpan duration) => Load.RoundAsync(callers, duration, Say(bytes), round: 0);

    /// <summary>Calls a second that are answered by what lies ready, to be decoded, after a warm-up.</summary>
    public Task<Load.Result> MeasureReadyMadeAsync(int callers, GetFeaturesRequest request, GetFeaturesResponse answer, TimeSpan duration) =>
        _server.Services.GetRequiredService<ReadyMadeAnswer>().MeasureAsync(_channel, callers, request, answer, duration);

    private Func<int, long, Task> Say(int bytes)
    {
        var client = new Echo.EchoClient(_channel);
        var message = new EchoMessage { Payload = ByteString.CopyFrom(new byte[bytes]) };
        return async (_, _) => await client.SayAsync(message).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _server.DisposeAsync().ConfigureAwait(false);
    }

    private sealed class Service : Echo.EchoBase
    {
        public override Task<EchoMessage> Say(EchoMessage request, ServerCallContext context) => Task.FromResult(request);
    }
}
