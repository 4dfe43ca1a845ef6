using EventFeatures.Api.V1;
using EventFeatures.Server;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EventFeatures.Benchmarks;

/// <summary>The whole system on a fresh home folder, in this process, asked over real gRPC.</summary>
internal sealed class BenchSystem : IAsyncDisposable
{
    private const int MessageBytesMax = 256 * 1024 * 1024;

    private readonly EventFeaturesHost _host;
    private readonly GrpcChannel _channel;
    private readonly string _home;

    private BenchSystem(EventFeaturesHost host, string home)
    {
        _host = host;
        _home = home;
        _channel = GrpcChannel.ForAddress(host.ApiAddress, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = MessageBytesMax,
            MaxSendMessageSize = MessageBytesMax,
            HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true },
        });
        Events = new Events.EventsClient(_channel);
        Features = new Features.FeaturesClient(_channel);
        Inference = new Api.V1.Inference.InferenceClient(_channel);
        Registry = new Registry.RegistryClient(_channel);
        Audit = new Audit.AuditClient(_channel);
    }

    public Events.EventsClient Events { get; }

    public Features.FeaturesClient Features { get; }

    public Api.V1.Inference.InferenceClient Inference { get; }

    public Registry.RegistryClient Registry { get; }

    public Audit.AuditClient Audit { get; }

    /// <summary>The system's own parts, for what is measured without a call between.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>For the raw limits, in the same server.</summary>
    public string PostgresConnection => _host.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString;

    public static async Task<BenchSystem> StartAsync()
    {
        var home = Path.Combine(Path.GetTempPath(), "eventfeatures-bench-" + Environment.ProcessId);
        var host = await EventFeaturesHost.StartAsync(new HostOptions { Home = home }, CancellationToken.None).ConfigureAwait(false);
        return new BenchSystem(host, home);
    }

    /// <summary>Declares a folder of definition files.</summary>
    public async Task ApplyAsync(params (string Name, string Text)[] files)
    {
        var request = new ApplyRequest { Reason = "benchmark", Actor = "bench" };
        request.Files.AddRange(files.Select(file => new DefinitionFile { Path = file.Name, Content = file.Text }));
        await Registry.ApplyAsync(request).ConfigureAwait(false);
    }

    /// <summary>Waits until every view has seen all of the log; the wait has a deadline.</summary>
    public async Task CaughtUpAsync(ulong position, TimeSpan deadline)
    {
        using var end = new CancellationTokenSource(deadline);
        while (true)
        {
            var status = await Features.GetStatusAsync(new GetStatusRequest(), cancellationToken: end.Token).ConfigureAwait(false);
            if (status.Views.Count > 0 && status.Views.All(view => view.HasCheckpoint && view.Checkpoint >= position && view.Gap == 0)) return;
            await Task.Delay(TimeSpan.FromMilliseconds(5), end.Token).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _host.DisposeAsync().ConfigureAwait(false);
        if (Directory.Exists(_home)) Directory.Delete(_home, recursive: true);
    }
}
